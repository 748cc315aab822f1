import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { createDeflate, gunzipSync, inflateSync } from 'node:zlib'
import { expect } from 'chai'
import type { PageRequest } from '../../src/endpoint/page-request'
import { answerScrape, type PageSource } from '../../src/endpoint/scrape'
import { NO_SCRAPE_EVENTS } from '../../src/endpoint/scrape-events'
import { onExcludedRequest } from '../../src/model/http-exclusion'
import { silentLogger } from '../../src/model/log'
import { settled } from '../support/deferred'
import { until } from '../support/until'
import { get, listen } from './support'

const QUIET = { stalledMs: 10_000, log: silentLogger, events: NO_SCRAPE_EVENTS }
const CHUNK_BYTES = 64 * 1024

/** A page of incompressible chunks that are made when they are asked for, all in the same bytes, as our writer does. */
class CountedPage {
  /** Chunks made so far. */
  made = 0
  /** Whether nobody will ask for more. */
  ended = false
  readonly #random = randomBytes(CHUNK_BYTES)

  /** `count` may be infinite; it can be changed while the page is written. */
  constructor(public count: number) {}

  get sizeBytes(): number {
    return this.count * CHUNK_BYTES
  }

  *chunks(): Generator<Buffer> {
    const bytes = Buffer.alloc(CHUNK_BYTES)
    try {
      for (; this.made < this.count; this.made++) {
        bytes.set(this.#random)
        bytes.writeUInt32LE(this.made, CHUNK_BYTES / 2)
        yield bytes
        bytes.fill(0)
      }
    } finally {
      this.ended = true
    }
  }

  /** Whether these are the bytes of the whole page. */
  equals(body: Buffer): boolean {
    if (body.length !== this.sizeBytes) return false
    for (let chunk = 0; chunk < this.count; chunk++) {
      const bytes = Buffer.from(body.subarray(chunk * CHUNK_BYTES, (chunk + 1) * CHUNK_BYTES))
      if (bytes.readUInt32LE(CHUNK_BYTES / 2) !== chunk) return false
      this.#random.copy(bytes, CHUNK_BYTES / 2, CHUNK_BYTES / 2, CHUNK_BYTES / 2 + 4)
      if (!bytes.equals(this.#random)) return false
    }
    return true
  }

  /** Waits until no more chunks are made, for the while that a stuck connection takes to be stuck. */
  async stuck(): Promise<void> {
    let seen = -1
    let same = 0
    await until('a page that is stuck', () => {
      same = this.made === seen ? same + 1 : 0
      seen = this.made
      return same === 5 ? true : undefined
    })
  }
}

describe('endpoint: answering a scrape', () => {
  const logged: string[] = []
  /** How scrapes ended. */
  const told: unknown[] = []
  let source: PageSource
  let stalledMs: number
  let server: Server
  let url: string
  /** What the answer to each request came to. */
  const answered: Promise<void>[] = []

  beforeEach(async () => {
    logged.length = 0
    told.length = 0
    answered.length = 0
    stalledMs = 10_000
    source = async () => [Buffer.from('a 1\n'), Buffer.from('b 2\n')]
    const say = (message: string) => void logged.push(message)
    server = createServer((incoming, response) => {
      response.setHeader('Vary', 'Origin')
      answered.push(
        answerScrape(incoming, response, (asked) => source(asked), {
          stalledMs,
          log: { info: say, warn: say, error: say },
          events: {
            sent: (format, seconds, sizeBytes) => void told.push({ format, seconds, sizeBytes }),
            failed: (reason) => void told.push(reason),
          },
        }),
      )
    })
    url = await listen(server)
  })

  afterEach(async () => {
    server.closeAllConnections()
    server.close()
    await Promise.all(answered)
  })

  /** Asks, and leaves the answer unread. */
  async function ask(headers: Record<string, string> = {}): Promise<{ leave(): void; response: IncomingMessage }> {
    const asking = request(url, { agent: false, headers })
    asking.on('error', () => undefined)
    asking.end()
    const [response] = (await once(asking, 'response')) as [IncomingMessage]
    response.on('error', () => undefined)
    return { response, leave: () => asking.destroy() }
  }

  it('gives the page, what it is, and on what that depended', async () => {
    const { status, headers, text } = await get(url)
    expect(status).to.equal(200)
    expect(text).to.equal('a 1\nb 2\n')
    expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8')
    expect(headers['content-encoding']).to.equal(undefined)
    expect(headers.vary).to.equal('Origin, Accept, Accept-Encoding')
  })

  it('hands the format that was asked for to the page', async () => {
    source = async ({ format: { id, contentType } }) => [Buffer.from(`${id} ${contentType}`)]
    const { headers, text } = await get(url, {
      headers: { accept: 'application/openmetrics-text;escaping=allow-utf-8' },
    })
    const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8'
    expect(headers['content-type']).to.equal(contentType)
    expect(text).to.equal(`openmetrics ${contentType}`)
  })

  it('never answers 406', async () => {
    const { status, headers } = await get(url, { headers: { accept: 'image/png', 'accept-encoding': 'identity;q=0' } })
    expect(status).to.equal(200)
    expect(headers['content-type']).to.contain('text/plain')
  })

  it('compresses where it is asked to', async () => {
    const { headers, body } = await get(url, { headers: { 'accept-encoding': 'gzip' } })
    expect(headers['content-encoding']).to.equal('gzip')
    expect(headers.vary).to.equal('Origin, Accept, Accept-Encoding')
    expect(gunzipSync(body).toString()).to.equal('a 1\nb 2\n')
  })

  it('tells of pages that were sent, with their size before compression, and of queries that cannot be read', async () => {
    await get(url)
    await get(url, { headers: { 'accept-encoding': 'gzip', accept: 'application/openmetrics-text' } })
    await get(url, { method: 'HEAD' })
    await get(url, { method: 'POST' })
    await get(`${url}?name[]=%`)
    await Promise.all(answered)
    const seconds = told.map((each) => (each as { seconds?: number }).seconds)
    expect(seconds[0]).to.be.within(0, 10)
    expect(told).to.deep.equal([
      { format: 'text', seconds: seconds[0], sizeBytes: 8 },
      { format: 'openmetrics', seconds: seconds[1], sizeBytes: 8 },
      'query',
    ])
  })

  it('hands on the names that are asked for, and the time there is', async () => {
    const asked: PageRequest[] = []
    source = async (request) => {
      asked.push(request)
      return []
    }
    await get(`${url}/any/where?name[]=a&name[]=b`, { headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '3' } })
    await get(url)
    expect(asked.map(({ names, timeoutMs }) => [names && [...names], timeoutMs])).to.deep.equal([
      [['a', 'b'], 2_500],
      [undefined, undefined],
    ])
  })

  it('does not compress where that is not wanted', async () => {
    for (const encoding of ['identity', 'gzip;q=0', 'br']) {
      const { headers, text } = await get(url, { headers: { 'accept-encoding': encoding } })
      expect([headers['content-encoding'], text]).to.deep.equal([undefined, 'a 1\nb 2\n'])
    }
  })

  for (const encoding of ['identity', 'gzip']) {
    it(`answers HEAD as GET, without the page (${encoding})`, async () => {
      let written = false
      source = async () => ({
        *[Symbol.iterator]() {
          written = true
          yield Buffer.from('a 1\n')
        },
      })
      const headers = { 'accept-encoding': encoding }
      const head = await get(url, { method: 'HEAD', headers })
      expect(written).to.equal(false)
      expect(head.body).to.have.length(0)
      const { date: _date, 'transfer-encoding': _transfer, ...shown } = (await get(url, { headers })).headers
      expect(head.status).to.equal(200)
      expect(head.headers).to.include(shown)
    })
  }

  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    it(`answers ${method} with 405 and what is allowed`, async () => {
      const { status, headers, text } = await get(url, { method, ...(method === 'POST' && { body: 'x'.repeat(1e6) }) })
      expect([status, headers.allow, text]).to.deep.equal([405, 'GET, HEAD', 'Metrics are read with GET.\n'])
    })
  }

  it('takes the request out of the HTTP metrics', async () => {
    const excluded: string[] = []
    const stop = onExcludedRequest(({ url: path }) => excluded.push(String(path)))
    await get(`${url}/a`)
    await get(`${url}/b`, { method: 'POST' })
    stop()
    expect(excluded).to.deep.equal(['/a', '/b'])
  })

  it('answers 503 and the reason, whatever is thrown', async () => {
    const answers: string[] = []
    for (const thrown of [new Error('no reading'), 'text', undefined, null, { an: 'object' }, new TypeError('')]) {
      source = () => Promise.reject(thrown)
      const { status, text, headers } = await get(url, { headers: { 'accept-encoding': 'gzip' } })
      expect([status, headers['content-encoding']]).to.deep.equal([503, undefined])
      answers.push(text.replace('Metrics could not be collected: ', '').trim())
    }
    expect(answers).to.deep.equal(['no reading', '"text"', 'undefined', 'null', 'an object', 'TypeError'])
    expect(logged).to.deep.equal([])
    expect(told).to.deep.equal(answers.map(() => 'collection'))
  })

  it('cuts the connection where the page cannot be finished, and says so in the log', async () => {
    source = async () => ({
      *[Symbol.iterator]() {
        yield randomBytes(CHUNK_BYTES)
        throw new TypeError('the writer broke')
      },
    })
    for (const encoding of ['identity', 'gzip']) {
      logged.length = 0
      const { response } = await ask({ 'accept-encoding': encoding })
      const error = await buffer(response).then(
        () => undefined,
        (reason: NodeJS.ErrnoException) => reason,
      )
      expect(error?.code).to.equal('ECONNRESET')
      await Promise.all(answered)
      expect(logged).to.deep.equal(['a page was broken off: the writer broke'])
      expect(told.at(-1)).to.equal('page')
    }
  })

  it('survives a response that somebody else has ended', async () => {
    const other = createServer(async (incoming, response) => {
      response.end('mine')
      await answerScrape(incoming, response, source, QUIET)
    })
    expect((await get(await listen(other))).text).to.equal('mine')
    other.close()
  })

  it('survives listeners of other rooms that throw', async () => {
    const stop = onExcludedRequest(() => {
      throw new Error('not my day')
    })
    const { response } = await ask().catch(() => ({ response: undefined }))
    stop()
    expect(response).to.equal(undefined)
    expect(logged).to.deep.equal(['a page was broken off: not my day'])
  })

  it('stops where the scraper leaves before the page is begun', async () => {
    let begin: (chunks: Iterable<Buffer>) => void = () => undefined
    const page = new CountedPage(1_000)
    source = () =>
      new Promise((resolve) => {
        begin = resolve
      })
    const asking = request(url, { agent: false })
    asking.on('error', () => undefined)
    asking.end()
    const [, response] = await once(server, 'request')
    asking.destroy()
    await once(response, 'close')
    begin(page.chunks())
    await Promise.all(answered)
    expect(page.made).to.equal(0)
    expect([logged, told]).to.deep.equal([[], ['disconnected']])
  })

  it('finishes its page through a middleware that has its own write and end, as compression does', async () => {
    const page = new CountedPage(50)
    const compressing = createServer((incoming, response) => {
      const { write, end, on } = response
      const compressor = createDeflate()
      response.setHeader('Content-Encoding', 'deflate')
      // Takes no callback, and tells of room by the compressor's own event.
      response.write = (chunk: Buffer) => compressor.write(chunk)
      response.end = () => {
        compressor.end()
        return response
      }
      response.on = ((event: string, listener: () => void) => {
        if (event === 'drain') compressor.on(event, listener)
        else on.call(response, event, listener)
        return response
      }) as typeof on
      compressor.on('data', (chunk: Buffer) => write.call(response, chunk, 'utf8'))
      compressor.on('end', () => end.call(response, undefined, 'utf8'))
      answered.push(answerScrape(incoming, response, async () => page.chunks(), QUIET))
    })
    const { body } = await get(await listen(compressing))
    expect(page.equals(inflateSync(body))).to.equal(true)
    compressing.close()
  })

  for (const encoding of ['identity', 'gzip']) {
    it(`stops where the scraper leaves in the middle of the page (${encoding})`, async () => {
      const page = new CountedPage(1_000)
      source = async () => page.chunks()
      const { response, leave } = await ask({ 'accept-encoding': encoding })
      await once(response, 'readable')
      leave()
      await Promise.all(answered)
      await until('the writing to end', () => (page.ended ? true : undefined))
      const { made } = page
      await settled()
      expect(made).to.be.lessThan(page.count)
      expect(page.made).to.equal(made)
      // That a scraper leaves is no fault of ours.
      expect([logged, told]).to.deep.equal([[], ['disconnected']])
    })

    it(`cuts off a scraper that takes nothing any more (${encoding})`, async () => {
      const page = new CountedPage(Number.POSITIVE_INFINITY)
      source = async () => page.chunks()
      // On a busy machine, the first bytes take their time to leave, too.
      stalledMs = 1_000
      const { response } = await ask({ 'accept-encoding': encoding })
      await Promise.all(answered)
      await until('the writing to end', () => (page.ended ? true : undefined))
      expect(
        await buffer(response).then(
          () => undefined,
          ({ code }: NodeJS.ErrnoException) => code,
        ),
      ).to.equal('ECONNRESET')
      expect([logged, told]).to.deep.equal([[], ['stalled']])
    })

    it(`stops where the scraper leaves while nothing is ready to be sent (${encoding})`, async () => {
      let isEnded = false
      source = async () => ({
        *[Symbol.iterator]() {
          try {
            yield randomBytes(CHUNK_BYTES)
            // What has to be done before the next chunk takes a turn each time.
            for (;;) {
              const start = performance.now()
              while (performance.now() - start < 5);
              yield Buffer.alloc(0)
            }
          } finally {
            isEnded = true
          }
        },
      })
      const { response, leave } = await ask({ 'accept-encoding': encoding })
      await once(response, 'readable')
      leave()
      await Promise.all(answered)
      expect(isEnded).to.equal(true)
      expect([logged, told]).to.deep.equal([[], ['disconnected']])
    })

    it(`waits for a slow scraper, and then goes on to the end (${encoding})`, async () => {
      const page = new CountedPage(Number.POSITIVE_INFINITY)
      source = async () => page.chunks()
      const { response } = await ask({ 'accept-encoding': encoding })
      // What is made fills the system's buffers of the connection, and none of ours.
      await page.stuck()
      page.count = page.made + 100
      const body = await buffer(response)
      expect(page.equals(encoding === 'gzip' ? gunzipSync(body) : body)).to.equal(true)
    })
  }
})
