import type { SeriesGroup } from './series-group'
import type { SeriesTable } from './series-table'

/** The last cell of a series that expires: when it was seen in use, in milliseconds; 0 where it was used since then. */
export const USE_CELLS = 1
/** What {@link expireIdle} keeps behind a series' own cells: its activity as last seen, and the above. */
export const ACTIVITY_CELLS = 1 + USE_CELLS

/**
 * Drops the series that were not in use for `expireAfterMs`, in steps. Whoever records in a series sets its last cell to 0,
 * which is looked at when metrics are collected, so that recording needs no clock. `stays` keeps a series by its first cell.
 */
export function expireUnused(
  table: SeriesTable,
  expireAfterMs: number,
  nowMs: number,
  stays: (value: number) => boolean = () => false,
): Iterable<void> {
  const use = table.width - 1
  return table.deleteWhere(
    (group, row) =>
      isUnused(group.chunkOf(row), group.offsetOf(row) + use, expireAfterMs, nowMs) && !stays(group.cellAt(row, 0)),
  )
}

/** As {@link expireUnused}, where a number that changes with each recording tells of use, so that recording need not. */
export function expireIdle(
  table: SeriesTable,
  expireAfterMs: number,
  nowMs: number,
  activityAt: (group: SeriesGroup, row: number) => number,
): Iterable<void> {
  const seen = table.width - ACTIVITY_CELLS
  return table.deleteWhere((group, row) => {
    const activity = activityAt(group, row)
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row) + seen
    if (cells[at] !== activity) {
      cells[at] = activity
      cells[at + 1] = 0
    }
    return isUnused(cells, at + 1, expireAfterMs, nowMs)
  })
}

/** Whether the series whose last cell is at `at` was not in use for so long. */
function isUnused(cells: Float64Array, at: number, expireAfterMs: number, nowMs: number): boolean {
  const sinceMs = cells[at] as number
  if (sinceMs === 0) cells[at] = nowMs
  return sinceMs !== 0 && nowMs - sinceMs >= expireAfterMs
}
