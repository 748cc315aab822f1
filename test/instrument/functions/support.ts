import type { TestService } from '../../support/test-service'

/** Everything that is known of measured functions or jobs, by series: durations as their count and sum. */
export async function measuredBy(service: TestService): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const { descriptor, dataPoints } of await service.collect()) {
    if (!/^(function|job)_/.test(descriptor.name)) continue
    for (const { attributes, value } of dataPoints) {
      const labels = Object.values(attributes).join(' ')
      const key = `${descriptor.name} ${labels}`
      if (typeof value === 'number') found[key] = value
      else if (typeof value === 'object' && 'buckets' in value) found[key] = value.sum ?? 0
    }
  }
  return found
}

/** The series of one function of which calls have ended, with seconds in all. */
export function calls(name: string, count: number, seconds: number, inFlight = 0): Record<string, number> {
  return {
    [`function_call_duration_seconds ${name}`]: seconds,
    [`function_calls_total ${name}`]: count,
    [`function_calls_in_flight ${name}`]: inFlight,
  }
}

export class Declined extends Error {}

export function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return undefined
}
