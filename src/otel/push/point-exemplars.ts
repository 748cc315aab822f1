import type { Attributes } from '@opentelemetry/api'
import type { DataPoint } from '@opentelemetry/sdk-metrics'
import type { Slots } from '../../store/exemplars'

/** An exemplar of a point, as OTLP has them. */
export interface PointExemplar {
  readonly value: number
  readonly epochMs: number
  /** Hexadecimal, or `''` together with `spanId`. */
  readonly traceId: string
  readonly spanId: string
  readonly attributes: Attributes
}

const NONE: readonly PointExemplar[] = []

/** sdk-metrics's points have no place for exemplars, so they lie beside. */
const noted = new WeakMap<DataPoint<unknown>, readonly PointExemplar[]>()

export function noteExemplars(point: DataPoint<unknown>, exemplars: readonly PointExemplar[]): void {
  if (exemplars.length > 0) noted.set(point, exemplars)
}

export function exemplarsOf(point: DataPoint<unknown>): readonly PointExemplar[] {
  return noted.get(point) ?? NONE
}

/** The exemplars of a series, as they are now. */
export function pointExemplars(slots: Slots = []): readonly PointExemplar[] {
  return slots.flatMap((exemplar) => {
    if (exemplar === undefined) return []
    const { value, epochMs, traceId, spanId, labels } = exemplar
    return [{ value, epochMs, traceId, spanId, attributes: Object.fromEntries(labels) as Attributes }]
  })
}
