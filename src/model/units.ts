/**
 * UCUM codes as the words that Prometheus names end in.
 * Compatibility specification, "Prometheus and OpenMetrics Compatibility", section "Metric Metadata": units.
 */
const WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  kBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  B: 'bytes',
  KB: 'kilobytes',
  MB: 'megabytes',
  GB: 'gigabytes',
  TB: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '%': 'percent',
}

/** Codes behind a `/`, in the singular. */
const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  min: 'minute',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
}

const lookup = (table: Readonly<Record<string, string>>, code: string): string =>
  (Object.hasOwn(table, code) ? table[code] : undefined) ?? code.replace(/[^a-zA-Z0-9]+/g, '_').replace(/^_+|_+$/g, '')

/**
 * A unit as the words of a Prometheus name, or `''` where a name carries none: `ms` gives `milliseconds`,
 * `By/s` gives `bytes_per_second`, `{request}` gives nothing. `1` is `ratio`, for gauges alone.
 */
export function unitWords(unit: string, isGauge: boolean): string {
  if (unit === '1') return isGauge ? 'ratio' : ''
  const [main = '', per] = unit.replace(/\{[^}]*\}/g, '').split('/', 2)
  const words = main.trim() === '' || main.trim() === '1' ? '' : lookup(WORDS, main.trim())
  const perWord = per === undefined || per.trim() === '' ? '' : lookup(PER_WORDS, per.trim())
  if (perWord === '') return words
  return words === '' ? `per_${perWord}` : `${words}_per_${perWord}`
}

/** Whether timers can record in the unit. */
export function isTimeUnit(unit: string): boolean {
  return unit === 's' || perSecond(unit) !== 1
}

/** How many of a time unit make a second: what a timer multiplies by. Seconds where the unit is none of time. */
export function perSecond(unit: string): number {
  switch (unit) {
    case 'ms':
      return 1e3
    case 'us':
      return 1e6
    case 'ns':
      return 1e9
    case 'min':
      return 1 / 60
    case 'h':
      return 1 / 3600
    case 'd':
      return 1 / 86_400
    default:
      return 1
  }
}
