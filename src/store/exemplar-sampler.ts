import { type Context, isSpanContextValid, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'
import { type Clock, systemClock } from '../model/clock'
import { detached } from '../model/detached'
import { isPlainLabel } from '../model/escaping'
import { type ExemplarFilter, exemplarLength, MAX_EXEMPLAR_LENGTH, type MeasurementOptions } from '../model/exemplar'
import type { LabelsInput } from '../model/labels'
import type { Exemplar } from './exemplars'
import type { StoredLabel } from './label-values'
import { measurementContext } from './measurement-context'
import { hasTracerProvider, LAST_LOOK_MS, type Later, RareLook } from './tracer-provider'

/** When it is first looked whether the application traces though nothing asks. */
const FIRST_LOOK_MS = 10

/** The labels that a view takes from those of a measurement that is being recorded. */
export type DroppedLabels = (labels: LabelsInput | undefined) => ReadonlyMap<string, StoredLabel>

const later: Later = (run, ms) => void setTimeout(run, ms).unref()

/** What a label of an exemplar is called in Prometheus and OpenMetrics. */
export const TRACE_ID = 'trace_id'
export const SPAN_ID = 'span_id'
const IDS_LENGTH = TRACE_ID.length + 32 + SPAN_ID.length + 16

/** Says which measurements become exemplars. {@link takes} is all that recording asks while nothing traces. */
export class ExemplarSampler {
  /** False as long as no measurement can be an exemplar unless the caller makes it one. */
  takes: boolean
  #filter: ExemplarFilter
  readonly #clock: Clock
  readonly #rareLook = new RareLook()

  constructor(filter: ExemplarFilter, clock: Clock, schedule: Later = later) {
    this.takes = filter === 'always_on'
    this.#filter = filter
    this.#clock = clock
    if (filter === 'trace_based') lookAgain(new WeakRef(this), schedule, FIRST_LOOK_MS)
  }

  /** Takes another filter from now on. */
  use(filter: ExemplarFilter): void {
    this.#filter = filter
    if (filter !== 'trace_based') this.takes = filter === 'always_on'
    this.look()
  }

  /**
   * Finds out whether the application traces by now: a tracer provider is registered, or the active span is sampled. To
   * be asked now and then, as that may be at any time.
   */
  look(): void {
    if (this.takes || this.#filter !== 'trace_based') return
    this.takes = hasTracerProvider() || isInSampledSpan()
  }

  /** Whether there are to be none, those from before included. */
  get isOff(): boolean {
    return this.#filter === 'always_off'
  }

  /** Whether a measurement may become an exemplar now. */
  isOn(): boolean {
    this.look()
    return this.takes
  }

  /** As {@link isOn}, for what is asked with every request: by the time of a clock that never goes back, it looks now and then. */
  isOnAt(monotonicMs: number): boolean {
    if (!this.takes && this.#rareLook.isDue(monotonicMs)) this.look()
    return this.takes
  }

  /** Whoever gives a measurement a sampled span traces, whether a tracer provider is registered or not. */
  notice(context: Context): void {
    if (this.takes || this.#filter !== 'trace_based') return
    this.takes = sampledSpan(context) !== undefined
  }

  /**
   * A measurement that is being recorded as an exemplar; `undefined` where the filter does not take it. `labels` are those
   * that it was given. Never throws.
   */
  take(
    value: number,
    labels: LabelsInput | undefined,
    options: MeasurementOptions | undefined,
    dropped: DroppedLabels,
  ): Exemplar | undefined {
    if (this.#filter === 'always_off') return undefined
    try {
      const given = options?.exemplar
      const span = sampledSpan(measurementContext())
      if (span === undefined && given === undefined && this.#filter === 'trace_based') return undefined
      return {
        value,
        epochMs: this.#clock.nowMs(),
        traceId: span?.traceId ?? '',
        spanId: span?.spanId ?? '',
        labels: labelsOf(given, span !== undefined, dropped(labels)),
      }
    } catch {
      // A getter or a proxy among the caller's labels threw, or a context manager did.
      return undefined
    }
  }
}

/** Of those that have none. */
export const NO_EXEMPLARS = new ExemplarSampler('always_off', systemClock)

/**
 * Has a sampler look until it found that the application traces, each time after twice as long. Nothing tells when a
 * tracer provider is registered, and bound series ask for nothing, so that a process that collects once, at its end,
 * would not know before. To be told by the API's `setGlobalTracerProvider` would do for one of its two builds alone:
 * CommonJS and ES modules have one each in the same process.
 */
function lookAgain(sampler: WeakRef<ExemplarSampler>, schedule: Later, ms: number): void {
  schedule(() => {
    const looking = sampler.deref()
    if (looking === undefined || looking.isOn()) return
    lookAgain(sampler, schedule, Math.min(2 * ms, LAST_LOOK_MS))
  }, ms)
}

function isInSampledSpan(): boolean {
  try {
    return sampledSpan(measurementContext()) !== undefined
  } catch {
    // A context manager threw.
    return false
  }
}

/** The last span that was valid: most spans have several measurements, and looking at all its digits is half of what one takes. */
let validSpan: SpanContext | undefined

/** The sampled span of a context. Never throws, whatever the application takes for a context. */
function sampledSpan(context: Context): SpanContext | undefined {
  try {
    const span = trace.getSpanContext(context)
    if (span === undefined || (span.traceFlags & TraceFlags.SAMPLED) === 0) return undefined
    if (span !== validSpan && !isSpanContextValid(span)) return undefined
    validSpan = span
    return span
  } catch {
    return undefined
  }
}

/** The caller's labels as far as they fit, and those that a view took. */
function labelsOf(
  given: MeasurementOptions['exemplar'],
  hasIds: boolean,
  dropped: ReadonlyMap<string, StoredLabel>,
): ReadonlyMap<string, StoredLabel> {
  if (given === undefined) return dropped
  const labels = new Map<string, StoredLabel>()
  let room = MAX_EXEMPLAR_LENGTH - (hasIds ? IDS_LENGTH : 0)
  for (const [name, value] of Object.entries(given)) {
    if (!isPlainLabel(name) || (hasIds && (name === TRACE_ID || name === SPAN_ID))) continue
    if (!['string', 'number', 'boolean'].includes(typeof value)) continue
    const text = String(value).toWellFormed()
    const length = exemplarLength(name, text)
    if (length > room) continue
    room -= length
    labels.set(name, detached(text))
  }
  for (const [name, value] of dropped) if (!labels.has(name)) labels.set(name, value)
  return labels
}
