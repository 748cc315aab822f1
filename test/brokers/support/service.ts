import { createMetrics, type MetricsService } from '../../../src/init'
import { samplesOf } from '../../support/page'

const PREFIX = 'message_bus_'

/** A service to measure buses with, and what its page says of them. */
export class Service {
  readonly warnings: string[] = []
  readonly metrics: MetricsService = createMetrics({
    serviceName: 'test',
    exporters: [],
    http: false,
    runtime: false,
    logger: { info() {}, warn: (message) => void this.warnings.push(message), error() {} },
  })

  close(): Promise<void> {
    return this.metrics.shutdown()
  }

  async samples(): Promise<Map<string, number>> {
    return samplesOf((await this.metrics.render()).body)
  }

  /** Every number but of buckets and sums, by what follows `message_bus_`: `events_published_total{bus="a",topic="b"}`. */
  async counts(): Promise<Record<string, number>> {
    const samples = [...(await this.samples())]
      .filter(([series]) => series.startsWith(PREFIX) && !/_(bucket|sum)\{/.test(series))
      .map(([series, value]) => [series.slice(PREFIX.length), value] as const)
    return Object.fromEntries(samples)
  }

  /** The sum of a metric over the series that have these labels. */
  async total(metric: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    let total = 0
    for (const [series, value] of await this.samples()) {
      const isOne = series.startsWith(`${PREFIX}${metric}{`)
      if (isOne && Object.entries(labels).every(([name, text]) => series.includes(`${name}="${text}"`))) total += value
    }
    return total
  }
}
