import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { collectGarbage } from '../support/garbage'
import { until } from '../support/until'

const ROWS = 40_000
/** Characters of label text in each row, few of which repeat, so that gzip cannot make the page small. */
const TEXT = 500
const PROTOBUF = 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited'

function bufferedBytes(): number {
  collectGarbage()
  const { arrayBuffers, external } = process.memoryUsage()
  return Math.max(arrayBuffers, external)
}

describe('endpoint: a slow scraper of a long page', () => {
  let metrics: MetricsService
  let url: string

  before(async function () {
    this.timeout(60_000)
    metrics = createMetrics({
      http: false,
      runtime: false,
      logger: false,
      cardinalityLimit: ROWS,
      prometheus: { host: '127.0.0.1', port: 0, timeoutMs: 60_000 },
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
    ;({ url } = await metrics.ready())
    // What is kept from page to page is made once.
    for (const accept of ['text/plain', PROTOBUF]) await wholePage(await ask(accept, 'identity'))
  })

  after(() => metrics.shutdown())

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
        const before = bufferedBytes()
        const response = await ask(accept, encoding)
        response.pause()
        // The page goes on until the system's buffers of the connection are full, and no further.
        let held = -1
        let same = 0
        await until('the page to be stuck', async () => {
          for (let turns = 0; turns < 20; turns++) await turn()
          const now = bufferedBytes()
          same = now === held ? same + 1 : 0
          held = now
          return same === 3 ? true : undefined
        })
        const sizeBytes = await wholePage(response)
        expect(sizeBytes).to.be.above(ROWS * TEXT)
        // The page is 20 MB; what a scraper may have waiting is a chunk, a message of a megabyte in protobuf, and streams.
        expect(held - before).to.be.below(4e6)
      }).timeout(60_000)
    }
  }
})
