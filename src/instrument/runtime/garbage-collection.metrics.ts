/**
 * How long garbage collections took, by kind.
 *
 * ```text
 * # HELP nodejs_gc_duration_seconds Garbage collection duration by kind, one of major, minor, incremental or weakcb.
 * # TYPE nodejs_gc_duration_seconds histogram
 * nodejs_gc_duration_seconds_bucket{kind="incremental",le="0.001"} 4
 * nodejs_gc_duration_seconds_sum{kind="incremental"} 0.000614
 * nodejs_gc_duration_seconds_count{kind="incremental"} 4
 * ```
 */
import type { HistogramOptions } from '../../model/definition'

export const gcDuration = {
  name: 'nodejs_gc_duration_seconds',
  help: 'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
  unit: 's',
  labelNames: ['kind'],
  buckets: [0.001, 0.01, 0.1, 1, 2, 5],
} as const satisfies HistogramOptions<'kind'>
