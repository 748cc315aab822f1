import { othersTurn, TURN_MS } from '../store/turns'

/**
 * The chunks of a page, with a turn for everybody else whenever writing has taken {@link TURN_MS}. After each turn, it
 * is asked whether the page is still wanted; where it is not, writing ends.
 */
export async function* inTurns(
  chunks: Iterable<Buffer>,
  isWanted: () => boolean = () => true,
): AsyncGenerator<Buffer, void, void> {
  let turnStart = performance.now()
  for (const chunk of chunks) {
    if (chunk.length > 0) yield chunk
    if (performance.now() - turnStart < TURN_MS) continue
    await othersTurn()
    if (!isWanted()) return
    turnStart = performance.now()
  }
}
