import { pipeline } from 'node:stream/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import type { Format } from '../exposition/format'
import { acceptsGzip, negotiateFormat } from '../exposition/negotiate'
import { errorText } from '../model/errors'
import { excludeRequest } from '../model/http-exclusion'

/** Collects, and gives the chunks of the page as they are asked for. */
export type PageSource = (format: Format, timeoutMs: number) => Promise<Iterable<Buffer>>

/** How long one turn of page writing may hold the event loop, in milliseconds. */
const TURN_MS = 4

/** Answers one scrape. Whatever goes wrong ends in a response, never in an exception. */
export async function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  source: PageSource,
  timeoutMs: number,
): Promise<void> {
  excludeRequest(request)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    answerText(response, 405, 'Metrics are read with GET.')
    return
  }
  const format = negotiateFormat(request.headers.accept)
  const gzip = acceptsGzip(header(request, 'accept-encoding'))
  let chunks: Iterable<Buffer>
  try {
    chunks = await within(timeoutMs, source(format, timeoutMs))
  } catch (error) {
    answerText(response, 503, `Metrics could not be collected: ${errorText(error)}`)
    return
  }
  if (response.destroyed || response.headersSent) return
  response.statusCode = 200
  response.setHeader('Content-Type', format.contentType)
  response.setHeader('Vary', 'Accept, Accept-Encoding')
  if (gzip) response.setHeader('Content-Encoding', 'gzip')
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  try {
    const page = Readable.from(inTurns(chunks), { objectMode: false, highWaterMark: 256 * 1024 })
    if (gzip) await pipeline(page, createGzip({ level: 1 }), response)
    else await pipeline(page, response)
  } catch {
    // The scraper left, or the page could not be finished: a cut connection is how HTTP says so.
    response.destroy()
  }
}

/** The same chunks, with a turn for everybody else whenever writing has taken {@link TURN_MS}. */
async function* inTurns(chunks: Iterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let turnStart = performance.now()
  for (const chunk of chunks) {
    if (chunk.length > 0) yield chunk
    if (performance.now() - turnStart < TURN_MS) continue
    await new Promise<void>((resolve) => setImmediate(resolve))
    turnStart = performance.now()
  }
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.end(`${text}\n`)
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the deadline of ${timeoutMs} ms passed`)), timeoutMs)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
  }
}
