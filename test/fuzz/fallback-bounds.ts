import type { MetricPlan } from './plan'

/**
 * The explicit buckets of a histogram that has native ones alone: powers of two, each twice the one before where time is
 * measured, 61 µs to 128 s; four times it elsewhere, 1/1024 to 2 ** 30.
 */
export function fallbackBounds({ name, unit }: MetricPlan): readonly number[] {
  const range = (first: number, last: number, step: number) =>
    Array.from({ length: (last - first) / step + 1 }, (_, index) => 2 ** (first + index * step))
  if (unit === 's' || (unit === '' && name.endsWith('_seconds'))) return range(-14, 7, 1)
  // Of milliseconds there are some thousand to the second: ten powers of two.
  if (unit === 'ms') return range(-4, 17, 1)
  return range(-10, 30, 2)
}
