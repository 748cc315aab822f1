import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StallWatch } from '../scale/stalls'
import { BUCKETS, quietService } from '../services'

/** Label sets, each of which has a counter and an 11-bucket histogram, and how many of them a request is recorded in. */
const LABEL_SETS = 10_000
const SETS_A_REQUEST = 10

const INTERVAL_MS = 1_000
/** Short enough for several attempts in a short outage. */
const TIMEOUT_MS = 2_000

/** What the parent asks for: the longest stall since it asked last; memory; or, after a last flush, all that was counted. */
export interface Question {
  readonly task: 'stall' | 'memory' | 'flush'
}

export interface Memory {
  readonly heapBytes: number
  readonly residentBytes: number
}

/** What the process says of itself first. */
export interface Ready {
  readonly port: number
}

/** A service that pushes deltas of many series every second, and answers requests meanwhile. */
function main(url: string): void {
  const service = quietService({
    exporters: ['otlp'],
    otlp: { endpoint: url, temporality: 'delta', intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS },
    selfMetrics: false,
  })
  const labelNames = ['method', 'path'] as const
  const counter = service.counter({ name: 'requests_total', help: 'Requests', labelNames })
  const histogram = service.histogram({ name: 'duration_seconds', help: 'Duration', labelNames, buckets: BUCKETS })
  let recorded = 0
  const record = (sets: number) => {
    for (const end = recorded + sets; recorded < end; recorded++) {
      const labels = { method: `m${recorded % 10}`, path: `/path/${recorded % LABEL_SETS}` }
      counter.add(1, labels)
      histogram.record(recorded % 11, labels)
    }
  }
  record(LABEL_SETS)
  const server = createServer((_request, response) => {
    record(SETS_A_REQUEST)
    response.end('{"status":"ok"}')
  })
  server.keepAliveTimeout = 0
  const watch = new StallWatch()
  const answers: Readonly<Record<Question['task'], () => unknown>> = {
    stall: () => watch.take(),
    memory,
    flush: async () => {
      await service.flush()
      return recorded
    },
  }
  process.on('message', async ({ task }: Question) => process.send?.(await answers[task]()))
  process.on('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => {
    watch.start()
    process.send?.({ port: (server.address() as AddressInfo).port } satisfies Ready)
  })
}

/** What is resident, and then what of the heap and of buffers is still in use. */
function memory(): Memory {
  const residentBytes = process.memoryUsage.rss()
  global.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return { heapBytes: heapUsed + external, residentBytes }
}

main(process.argv[2] ?? '')
