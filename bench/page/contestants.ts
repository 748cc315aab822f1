import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import * as prometheusIo from '@prometheus-io/client'
import * as promClient from 'prom-client'
import { BUCKETS, quietService } from '../services'

/** A library with many label sets, each of which has a counter and an 11-bucket histogram. */
export interface Contestant {
  /** Records a value in the label sets from one number up to another. */
  record(first: number, end: number): void
  /** The page as one string. */
  page(): Promise<string>
  /** Answers a scrape, as the library or its documentation has it done. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const labelsOf = (index: number) => ({
  method: `m${index % 10}`,
  path: `/path/${index}`,
  status_code: `${200 + (index % 5)}`,
})

function meterkit(): Contestant {
  const service = quietService()
  const labelNames = ['method', 'path', 'status_code'] as const
  const counter = service.counter({ name: 'requests_total', help: 'Requests', labelNames })
  const histogram = service.histogram({ name: 'duration_seconds', help: 'Duration', labelNames, buckets: BUCKETS })
  const handler = service.handler()
  return {
    record(first, end) {
      for (let index = first; index < end; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    page: async () => (await service.render()).body,
    async answer(request, response) {
      const finished = once(response, 'close')
      handler(request, response)
      await finished
    },
  }
}

function promStyle(library: typeof promClient | typeof prometheusIo): Contestant {
  const registry = new library.Registry()
  const labelNames = ['method', 'path', 'status_code']
  const registers = [registry]
  // The two libraries have the same interface, but types of their own.
  const { Counter, Histogram } = library as typeof promClient
  const options = { help: 'help', labelNames, registers: registers as promClient.Registry[] }
  const counter = new Counter({ name: 'requests_total', ...options })
  const histogram = new Histogram({ name: 'duration_seconds', buckets: BUCKETS, ...options })
  return {
    record(first, end) {
      for (let index = first; index < end; index++) {
        counter.inc(labelsOf(index), 1)
        histogram.observe(labelsOf(index), index % 11)
      }
    },
    page: () => registry.metrics(),
    async answer(_request, response) {
      response.setHeader('Content-Type', registry.contentType)
      response.end(await registry.metrics())
      await once(response, 'close')
    },
  }
}

function stock(): Contestant {
  const reader = new PrometheusExporter({ preventServerStart: true })
  const limits = [{ instrumentName: '*', aggregationCardinalityLimit: 2_000_000 }]
  const meter = new MeterProvider({ readers: [reader], views: limits }).getMeter('bench')
  const counter = meter.createCounter('requests')
  const histogram = meter.createHistogram('duration_seconds', { advice: { explicitBucketBoundaries: BUCKETS } })
  return {
    record(first, end) {
      for (let index = first; index < end; index++) {
        counter.add(1, labelsOf(index))
        histogram.record(index % 11, labelsOf(index))
      }
    },
    page: () =>
      new Promise((resolve) => {
        const response = { statusCode: 0, setHeader() {}, end: resolve }
        reader.getMetricsRequestHandler({} as never, response as never)
      }),
    async answer(request, response) {
      const finished = once(response, 'close')
      reader.getMetricsRequestHandler(request, response)
      await finished
    },
  }
}

/** Each contestant, to be made in a process of its own. */
export const CONTESTANTS: Readonly<Record<string, () => Contestant>> = {
  meterkit,
  '@prometheus-io/client': () => promStyle(prometheusIo),
  'prom-client': () => promStyle(promClient),
  'stock OpenTelemetry': stock,
}

/** What scrapers ask for. */
export const ACCEPT = {
  text: 'text/plain;version=0.0.4',
  OpenMetrics: 'application/openmetrics-text;version=1.0.0',
  protobuf: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
} as const
