import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import { mock } from 'node:test'
import zlib, { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sendPage } from '../../src/endpoint/send-page'
import { settled } from '../support/deferred'
import { until } from '../support/until'
import { get, listen } from './support'

const CHUNK_BYTES = 64 * 1024

/** Chunks that say how many were asked for. */
class Page {
  made = 0
  ended = false
  readonly #bytes = randomBytes(CHUNK_BYTES)

  constructor(readonly count: number) {}

  *[Symbol.iterator](): Generator<Buffer> {
    try {
      for (; this.made < this.count; this.made++) yield this.#bytes
    } finally {
      this.ended = true
    }
  }
}

describe('endpoint: a page that is compressed', () => {
  const compressors: zlib.Gzip[] = []
  const sent: Promise<unknown>[] = []
  let page: Page
  let server: ReturnType<typeof createServer>
  let url: string

  beforeEach(async () => {
    const { createGzip } = zlib
    mock.method(zlib, 'createGzip', (options?: zlib.ZlibOptions) => {
      const compressor = createGzip(options)
      compressors.push(compressor)
      return compressor
    })
    server = createServer((_request, response) => {
      sent.push(sendPage(page, response, { gzip: true, stalledMs: 10_000 }).catch((error: Error) => error))
    })
    url = await listen(server)
  })

  afterEach(async () => {
    mock.restoreAll()
    server.closeAllConnections()
    server.close()
    await Promise.all(sent.splice(0))
    compressors.length = 0
  })

  it('is compressed by other threads, and the event loop goes on after each chunk', async () => {
    page = new Page(100)
    /** Chunks asked for in one turn of the event loop, at most. */
    let most = 0
    let before = 0
    let other = setImmediate(function again() {
      most = Math.max(most, page.made - before)
      before = page.made
      other = setImmediate(again)
    })
    const { body } = await get(url)
    clearImmediate(other)
    expect(gunzipSync(body)).to.have.length(100 * CHUNK_BYTES)
    // The pool's answer comes in a turn of its own, and at most two of them with one.
    expect(most).to.be.within(1, 2)
  })

  it('leaves no compressor behind', async () => {
    page = new Page(3)
    await get(url)
    expect(await sent[0]).to.equal(3 * CHUNK_BYTES)
    await until('the compressor to end', () => (compressors[0]?.destroyed ? true : undefined))
  })

  it('leaves no compressor behind where the scraper left in its middle', async () => {
    page = new Page(10_000)
    const asking = request(url, { agent: false })
    asking.on('error', () => undefined)
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    await once(response, 'readable')
    expect(compressors[0]?.destroyed).to.equal(false)
    asking.destroy()
    expect(await sent[0]).to.be.instanceOf(Error)
    expect([compressors[0]?.destroyed, page.ended]).to.deep.equal([true, true])
    const { made } = page
    await settled()
    expect(page.made).to.equal(made)
    expect(made).to.be.below(10_000)
  })
})
