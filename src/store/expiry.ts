import type { SeriesGroup } from './series-group'
import type { SeriesTable } from './series-table'

/** Cells that {@link expireIdle} keeps behind a series' own: its activity as last seen, and when that changed. */
export const EXPIRY_CELLS = 2

/**
 * Drops the series whose activity (a number that changes with each recording) has not changed for `expireAfterMs`.
 * Activity is compared at collection, so that recording needs no clock.
 */
export function expireIdle(
  table: SeriesTable,
  expireAfterMs: number,
  nowMs: number,
  activityAt: (group: SeriesGroup, row: number) => number,
): void {
  const seen = table.width - EXPIRY_CELLS
  const since = seen + 1
  table.deleteWhere((group, row) => {
    const activity = activityAt(group, row)
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row)
    if (cells[at + since] === 0 || cells[at + seen] !== activity) {
      cells[at + seen] = activity
      cells[at + since] = nowMs
      return false
    }
    return nowMs - (cells[at + since] as number) >= expireAfterMs
  })
}
