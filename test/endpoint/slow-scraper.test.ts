import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { createGunzip } from 'node:zlib'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { collectGarbage } from '../support/garbage'
import { until } from '../support/until'
import { listen } from './support'

const ROWS = 40_000
/** Characters of label text in each row, few of which repeat, so that gzip cannot make the page small. */
const TEXT = 500
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'

/** What buffers and compressors hold, once everything is gone that can go: some of it is freed by other threads, later. */
async function bufferedBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let same = 0
  return until(
    'memory that does not change',
    () => {
      collectGarbage()
      const { external } = process.memoryUsage()
      same = Math.abs(external - least) < 50_000 ? same + 1 : 0
      least = Math.min(least, external)
      return same === 5 ? least : undefined
    },
    { timeoutMs: 30_000 },
  )
}

describe('endpoint: a slow scraper of a long page', () => {
  let metrics: MetricsService
  let server: Server
  let url: string
  /** The server's end of the last connection. */
  let sending: Socket | undefined

  before(async function () {
    this.timeout(60_000)
    metrics = createMetrics({
      http: false,
      runtime: false,
      logger: false,
      cardinalityLimit: ROWS,
      prometheus: { server: false, timeoutMs: 100_000 },
    })
    const gauge = metrics.gauge({ name: 'g', labelNames: ['id'] })
    let state = 1
    for (let row = 0; row < ROWS; row++) {
      let id = ''
      while (id.length < TEXT) {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        id += state.toString(36)
      }
      gauge.set(row, { id })
    }
    const handler = metrics.handler()
    server = createServer((incoming, response) => {
      sending = incoming.socket
      handler(incoming, response)
    })
    url = await listen(server)
    // What is kept from page to page is made once.
    for (const accept of ['text/plain', PROTOBUF]) await wholePage(await ask(accept, 'identity'))
  })

  after(async () => {
    server.closeAllConnections()
    server.close()
    await metrics.shutdown()
  })

  async function ask(accept: string, encoding: string): Promise<IncomingMessage> {
    const asking = request(url, { agent: false, headers: { accept, 'accept-encoding': encoding } })
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    return response
  }

  async function wholePage(response: IncomingMessage): Promise<number> {
    let sizeBytes = 0
    const isPacked = response.headers['content-encoding'] === 'gzip'
    for await (const part of isPacked ? response.pipe(createGunzip()) : response) sizeBytes += (part as Buffer).length
    return sizeBytes
  }

  for (const accept of ['text/plain', PROTOBUF]) {
    for (const encoding of ['identity', 'gzip']) {
      it(`holds little of it, whatever its length: ${accept.slice(0, 30)}, ${encoding}`, async () => {
        const before = await bufferedBytes()
        const response = await ask(accept, encoding)
        response.pause()
        // The page goes on until the system's buffers of the connection are full, and no further.
        let written = -1
        let same = 0
        await until(
          'the page to be stuck',
          () => {
            same = sending?.bytesWritten === written ? same + 1 : 0
            written = sending?.bytesWritten ?? -1
            return same === 10 ? true : undefined
          },
          { timeoutMs: 60_000 },
        )
        const held = await bufferedBytes()
        const sizeBytes = await wholePage(response)
        expect(sizeBytes).to.be.above(ROWS * TEXT)
        // Of a page of 20 MB: a chunk, or a message of a megabyte in protobuf, and the streams' own buffers.
        expect(held - before).to.be.below(accept === PROTOBUF ? 2e6 : 1e6)
      }).timeout(120_000)
    }
  }
})
