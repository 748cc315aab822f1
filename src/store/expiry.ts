import type { SeriesGroup } from './series-group'
import type { SeriesTable } from './series-table'

/** The last cell of a series that expires: when it was seen in use, in milliseconds; 0 where it was used since then. */
export const USE_CELLS = 1
/** What {@link expireIdle} keeps behind a series' own cells: its activity as last seen, and the above. */
export const ACTIVITY_CELLS = 1 + USE_CELLS

/**
 * Drops the series that were not in use for `expireAfterMs`. Whoever records in a series sets its last cell to 0, which is
 * looked at when metrics are collected, so that recording needs no clock.
 */
export function expireUnused(table: SeriesTable, expireAfterMs: number, nowMs: number): void {
  const use = table.width - 1
  table.deleteWhere((group, row) => {
    const cells = group.chunkOf(row)
    const at = group.offsetOf(row) + use
    const sinceMs = cells[at] as number
    if (sinceMs === 0) cells[at] = nowMs
    return sinceMs !== 0 && nowMs - sinceMs >= expireAfterMs
  })
}

/** As {@link expireUnused}, where a number that changes with each recording tells of use, so that recording need not. */
export function expireIdle(
  table: SeriesTable,
  expireAfterMs: number,
  nowMs: number,
  activityAt: (group: SeriesGroup, row: number) => number,
): void {
  const seen = table.width - ACTIVITY_CELLS
  for (const group of table.groups) {
    group.forEach((row) => {
      const activity = activityAt(group, row)
      const cells = group.chunkOf(row)
      const at = group.offsetOf(row) + seen
      if (cells[at] === activity) return
      cells[at] = activity
      cells[at + 1] = 0
    })
  }
  expireUnused(table, expireAfterMs, nowMs)
}
