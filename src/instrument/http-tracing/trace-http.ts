import type { Instruments } from '../../facade/instruments'
import { whenTraced } from '../../facade/when-traced'
import { errorText } from '../../model/errors'
import type { HttpEngine } from '../../model/http-options'
import { HttpTracing, type Load } from './http-tracing'

/** What ends the tracing. */
interface Tracing {
  stop(): void
}

const NONE: Tracing = { stop() {} }

/** Where the process keeps that requests are traced: one for all services, and for all copies of this package. */
const TRACING = Symbol.for('meterkit.http.tracing')
const slots = globalThis as { [TRACING]?: true | undefined }

/**
 * Has requests traced where that is asked for; and where nothing is said, by the service of the process alone, once the
 * application has registered a tracer provider and nobody else traces requests.
 */
export function traceHttp(
  metrics: Instruments,
  engine: HttpEngine | undefined,
  isOfProcess: boolean,
  load: Load = require,
): Tracing {
  if (engine === 'opentelemetry') return start(metrics, true, load)
  if (engine === 'channels' || !isOfProcess) return NONE
  let tracing = NONE
  const looking = whenTraced(() => {
    try {
      tracing = start(metrics, false, load)
    } catch (error) {
      // Nobody has called this who could be told.
      metrics.log.warn(`HTTP requests are not traced: ${errorText(error)}`)
    }
  })
  return {
    stop() {
      looking.stop()
      tracing.stop()
    },
  }
}

function start({ log }: Instruments, isAsked: boolean, load: Load): Tracing {
  if (slots[TRACING] === true) return NONE
  const tracing = new HttpTracing(log, isAsked, load)
  if (!isAsked && tracing.isOthers) {
    tracing.stop()
    return NONE
  }
  slots[TRACING] = true
  tracing.start()
  return {
    stop() {
      slots[TRACING] = undefined
      tracing.stop()
    },
  }
}
