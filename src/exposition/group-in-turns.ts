import type { SeriesGroup } from '../store/series-group'
import { inTurnsOfPage } from './in-steps'
import type { Rows, SeriesOrder } from './series-order'

/**
 * Has the series of a group written in turns with the application, under whose hands it may change. `write` writes rows from
 * a place on, and returns the place of the first that it did not write; `turn` lets others have theirs, and makes room for it.
 *
 * As long as rows keep their numbers, the order of the first turn stands: what went is passed over, what came waits for the
 * next page. When the group was packed or cleared, writing goes on behind the labels that were written last.
 */
export function* groupInTurns(
  group: SeriesGroup,
  order: SeriesOrder,
  write: (rows: Rows, next: number) => number,
  turn: (row: number) => Generator<Buffer, void, void>,
): Generator<Buffer, void, void> {
  // Others had their turn since the group was put into its order, where another one came before it.
  if (order.isStale) yield* inTurnsOfPage(order.update())
  let { rows } = order
  let { epoch } = group
  for (let next = 0; ; ) {
    next = write(rows, next)
    // What has gone has no labels any more that could tell its place.
    while (next < rows.length && !group.isLive(rows[next] as number)) next++
    if (next === rows.length) return
    const row = rows[next] as number
    const place = order.placeOf(row)
    yield* turn(row)
    if (group.epoch === epoch) continue
    yield* inTurnsOfPage(order.update())
    epoch = group.epoch
    next = order.findPlace(place)
    rows = order.rows
  }
}
