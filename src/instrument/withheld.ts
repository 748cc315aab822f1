import type { Instruments } from '../facade/instruments'
import type { HttpOptions } from '../model/http-options'
import { measuresConventions } from './bus/instrument-bus'
import { CONVENTIONS } from './bus/messaging.metrics'
import { DURATIONS, SIZES } from './http/semantic-conventions'
import { CONVENTIONAL_DURATIONS } from './http-client/http-client.metrics'

/**
 * What OpenTelemetry's instrumentations measure that the service measures itself: it is not stored twice. Of HTTP that is
 * known from the options, and holds for durations under whatever name, as each request has one; of messaging it is what has
 * the same names, of a system of which a bus is measured.
 */
export function withheld(
  metrics: Instruments,
  { http, semconv }: { readonly http?: HttpOptions | false | undefined; readonly semconv?: boolean | undefined },
) {
  return {
    histograms: new Set(httpHistograms(http, semconv)),
    shared: new Set(CONVENTIONS.map(({ name }) => name)),
    isMeasured: (attributes: Readonly<Record<string, unknown>>) =>
      measuresConventions(metrics, attributes['messaging.system']),
  }
}

function httpHistograms(http: HttpOptions | false = {}, semconv = false): readonly string[] {
  if (http === false) return []
  const outgoing = http.client === false ? [] : CONVENTIONAL_DURATIONS
  return [...DURATIONS, ...outgoing, ...(semconv && http.sizes ? SIZES : [])]
}
