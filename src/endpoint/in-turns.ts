import { isTurnOver, joinTurn, othersTurn } from '../store/turns'

/**
 * The chunks of a page, with a turn for everybody else whenever one {@link isTurnOver}. After each turn, it is asked whether
 * the page is still wanted; where it is not, writing ends.
 */
export async function* inTurns(
  chunks: Iterable<Buffer>,
  isWanted: () => boolean = () => true,
): AsyncGenerator<Buffer, void, void> {
  joinTurn()
  for (const chunk of chunks) {
    if (chunk.length > 0) yield chunk
    if (!isTurnOver()) continue
    await othersTurn()
    if (!isWanted()) return
  }
}
