import type { HttpOptions } from '../model/http-options'
import { conventionalHistograms } from './http/semantic-conventions'
import { CONVENTIONAL_DURATION } from './http-client/http-client.metrics'

/** The histograms of OpenTelemetry's instrumentations that are not stored, because the service measures the same itself. */
export function withheldHistograms({
  http = {},
  semconv = false,
}: {
  readonly http?: HttpOptions | false | undefined
  readonly semconv?: boolean | undefined
}): ReadonlySet<string> {
  if (http === false) return new Set()
  const outgoing = http.client === false ? [] : [CONVENTIONAL_DURATION]
  return new Set(semconv ? [...outgoing, ...conventionalHistograms(http)] : outgoing)
}
