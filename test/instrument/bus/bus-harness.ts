import { mock } from 'node:test'
import { createMetrics } from '../../../src/init'
import type { InstrumentBusOptions } from '../../../src/instrument/bus/bus-options'
import type { InstrumentedBus } from '../../../src/instrument/bus/bus-registry'
import { instrumentBus } from '../../../src/instrument/bus/instrument-bus'
import { samplesOf } from '../../support/page'

const PREFIX = 'message_bus_'

/** A service to instrument buses with, under a clock that stands still until a test moves it. */
export class BusHarness {
  nowMs = 0
  readonly warnings: string[] = []
  readonly metrics = createMetrics({
    serviceName: 'test',
    exporters: [],
    http: false,
    runtime: false,
    logger: { info() {}, warn: (message) => void this.warnings.push(message), error() {} },
  })

  constructor() {
    mock.method(performance, 'now', () => this.nowMs)
  }

  close(): Promise<void> {
    mock.restoreAll()
    mock.timers.reset()
    return this.metrics.shutdown()
  }

  instrument(bus: object, options: Partial<InstrumentBusOptions> = {}): InstrumentedBus {
    return instrumentBus(this.metrics, bus, { name: 'bus', ...options })
  }

  async samples(): Promise<Map<string, number>> {
    return samplesOf((await this.metrics.render()).body)
  }

  /** The counters and counts of handlings, by what follows `message_bus_`, with the constant `bus="bus"` left out. */
  async counts(): Promise<Record<string, number>> {
    const samples = [...(await this.samples())]
      .filter(([series]) => series.startsWith(PREFIX) && !/_(bucket|sum)\{/.test(series))
      .map(([series, value]) => [series.slice(PREFIX.length).replace('bus="bus",', ''), value] as const)
    return Object.fromEntries(samples)
  }
}
