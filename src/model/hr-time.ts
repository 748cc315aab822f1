/** A time as OpenTelemetry has it. */
type HrTime = [seconds: number, nanoseconds: number]

/** The time that is so many milliseconds after the epoch. */
export function toHrTime(epochMs: number): HrTime {
  const seconds = Math.trunc(epochMs / 1_000)
  return [seconds, Math.floor((epochMs - seconds * 1_000) * 1e6)]
}

/** The time in milliseconds since the epoch. */
export function toEpochMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000 + nanoseconds / 1e6
}
