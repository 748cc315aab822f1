import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../child'
import { ACCEPT } from '../page/contestants'
import { keepApart } from './keep-apart'
import type { Question } from './load'
import type { Ready } from './server'
import type { Stall } from './stalls'

/**
 * What scrapes of 100,000 label sets do to a service that serves HTTP meanwhile: how long its event loop stands still, and
 * how long requests wait that come at a steady rate from another process. Each way to scrape has a service of its own, so
 * that its first page is the first after 100,000 series were made.
 */
const REQUESTS_PER_SECOND = 1_000
const WARM_UP_MS = 2_000
const WITHOUT_MS = 5_000
const SCRAPE_EVERY_MS = 5_000
const SCRAPES = 3

interface Way {
  readonly contestant: string
  readonly format: keyof typeof ACCEPT
  readonly gzip: boolean
}

/** All of them, or with `SCALE_WAYS`, a regular expression, those whose names it finds. */
const WAYS: readonly Way[] = [
  ...(['text', 'OpenMetrics', 'protobuf'] as const).flatMap((format) =>
    [false, true].map((gzip) => ({ contestant: 'meterkit', format, gzip })),
  ),
  // The others do not compress, and have one format by themselves.
  ...['@prometheus-io/client', 'stock OpenTelemetry'].map((contestant) => ({
    contestant,
    format: 'text' as const,
    gzip: false,
  })),
].filter((way) => new RegExp(process.env.SCALE_WAYS ?? '').test(nameOf(way)))

function nameOf({ contestant, format, gzip }: Way): string {
  return `${contestant}, ${format}${gzip ? ', gzip' : ''}`
}

interface Outcome {
  readonly without: { readonly stall: Stall; readonly p99Ms: number }
  readonly first: { readonly stall: Stall; readonly tookMs: number }
  readonly later: { readonly stall: Stall; readonly tookMs: number; readonly p99Ms: number; readonly sizeBytes: number }
}

async function outcomeOf(way: Way): Promise<Outcome> {
  const service = new Child(join(__dirname, 'server.ts'), [way.contestant], process.execArgv)
  const load = new Child(join(__dirname, 'load.ts'), [], process.execArgv)
  const stall = () => service.ask<Stall>({})
  const latencies = (question: Question = { task: 'read' }) => load.ask<number[]>(question)
  try {
    const { port } = await service.answer<Ready>()
    keepApart(service, load)
    await latencies({ task: 'drive', port, perSecond: REQUESTS_PER_SECOND })
    await delay(WARM_UP_MS)
    await Promise.all([stall(), latencies()])
    await delay(WITHOUT_MS)
    const without = { stall: await stall(), p99Ms: p99(await latencies()) }
    const first = { ...(await scrape(port, way)), stall: await stall() }
    await delay(1_000)
    await Promise.all([stall(), latencies()])
    const scrapes = []
    for (let count = 1; count < SCRAPES; count++) {
      const [scraped] = await Promise.all([scrape(port, way), delay(SCRAPE_EVERY_MS)])
      scrapes.push(scraped)
    }
    await delay(500)
    const later = {
      stall: await stall(),
      p99Ms: p99(await latencies()),
      tookMs: Math.max(...scrapes.map(({ tookMs }) => tookMs)),
      sizeBytes: scrapes[0]?.sizeBytes ?? 0,
    }
    return { without, first, later }
  } finally {
    service.end()
    load.end()
  }
}

/**
 * Fetches a page and looks at none of it, into the same bytes again and again: a scraper that collects garbage would keep
 * from its processor who asks the service meanwhile.
 */
function scrape(port: number, { format, gzip }: Way): Promise<{ tookMs: number; sizeBytes: number }> {
  const startMs = performance.now()
  const headers = ['Host: 127.0.0.1', 'Connection: close', `Accept: ${ACCEPT[format]}`]
  if (gzip) headers.push('Accept-Encoding: gzip')
  return new Promise((resolve, reject) => {
    let sizeBytes = 0
    const socket = connect({
      host: '127.0.0.1',
      port,
      onread: {
        buffer: Buffer.alloc(65_536),
        callback: (count, bytes) => {
          if (sizeBytes === 0 && !/^HTTP\/1\.1 200 /.test(Buffer.from(bytes.subarray(0, 16)).toString('latin1'))) {
            socket.destroy(new Error('A scrape was not answered with 200.'))
          }
          sizeBytes += count
          return true
        },
      },
    })
    socket.write(`GET /metrics HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
    socket.on('error', reject).on('close', () => resolve({ tookMs: performance.now() - startMs, sizeBytes }))
  })
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
}

const ms = (value: number) => (value < 100 ? value.toFixed(1) : value.toFixed(0))
const stalled = ({ wallMs, cpuMs }: Stall) => `${ms(cpuMs)} / ${ms(wallMs)}`

async function main(): Promise<void> {
  console.log('\n### Scrapes of 100000 label sets × (counter + 11-bucket histogram) from a service under load\n')
  console.log(
    '| ms, stalls as processor time / by the clock | stall, first page | stall, other pages | stall, no page | p99 of requests | p99, no page | a page takes | of MB |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|')
  for (const way of WAYS) {
    const { without, first, later } = await outcomeOf(way)
    const cells = [
      nameOf(way),
      stalled(first.stall),
      stalled(later.stall),
      stalled(without.stall),
      ms(later.p99Ms),
      ms(without.p99Ms),
      ms(later.tookMs),
      (later.sizeBytes / 1e6).toFixed(1),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

void main()
