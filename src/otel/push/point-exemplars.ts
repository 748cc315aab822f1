import type { Attributes } from '@opentelemetry/api'
import type { DataPoint } from '@opentelemetry/sdk-metrics'

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
const exemplars = new WeakMap<DataPoint<unknown>, readonly PointExemplar[]>()

export function noteExemplars(point: DataPoint<unknown>, found: readonly PointExemplar[]): void {
  exemplars.set(point, found)
}

export function exemplarsOf(point: DataPoint<unknown>): readonly PointExemplar[] {
  return exemplars.get(point) ?? NONE
}
