import type { Registry } from '../../store/registry'
import { selfDefinition } from '../../store/self-definition'
import type { Cell } from '../../store/stream'
import type { RecordingSink } from '../../store/succession'
import { pushBytes, pushDuration, pushFailures, pushLastSuccess, pushPoints } from './push.metrics'
import { PUSH_FAILURES, type PushEvents, type PushFailure, pushFailureOf } from './push-events'

/** Counts and measures exports in a registry. */
export class PushMetrics implements PushEvents {
  readonly #clock: Registry['clock']
  readonly #duration: Cell
  readonly #points: Cell
  readonly #bytes: Cell
  readonly #failures: ReadonlyMap<PushFailure, Cell>
  #lastSuccess: RecordingSink
  readonly #exporter: string

  /** Those of a registry by their exporters: one that comes back goes on with its own. */
  static readonly #made = new WeakMap<Registry, Map<string, PushMetrics>>()

  /** `exporter` tells one way out from others. */
  static of(registry: Registry, exporter: string): PushMetrics {
    const made = PushMetrics.#made.get(registry) ?? new Map<string, PushMetrics>()
    PushMetrics.#made.set(registry, made)
    const known = made.get(exporter) ?? new PushMetrics(registry, exporter)
    made.set(exporter, known)
    return known
  }

  private constructor(registry: Registry, exporter: string) {
    this.#clock = registry.clock
    this.#exporter = exporter
    this.#duration = registry.register(selfDefinition('histogram', pushDuration)).bind({ exporter })
    this.#points = registry.register(selfDefinition('counter', pushPoints)).bind({ exporter })
    this.#bytes = registry.register(selfDefinition('counter', pushBytes)).bind({ exporter })
    this.#lastSuccess = registry.register(selfDefinition('gauge', pushLastSuccess))
    this.#lastSuccess.follow((next) => {
      this.#lastSuccess = next
    })
    const failures = registry.register(selfDefinition('counter', pushFailures))
    // All of them from the beginning: the first failure is a rise, too.
    this.#failures = new Map(PUSH_FAILURES.map((reason) => [reason, failures.bind({ exporter, reason })]))
  }

  arrived(points: number, sizeBytes: number): void {
    this.#points.set(points)
    this.#bytes.set(sizeBytes)
  }

  sent(seconds: number): void {
    this.#duration.set(seconds)
    this.#lastSuccess.record(this.#clock.nowMs() / 1_000, { exporter: this.#exporter })
  }

  failed(error: unknown): void {
    this.#failures.get(pushFailureOf(error))?.add()
  }
}
