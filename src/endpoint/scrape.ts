import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Format } from '../exposition/format'
import { acceptsGzip, negotiateFormat } from '../exposition/negotiate'
import { errorText } from '../model/errors'
import { excludeRequest } from '../model/http-exclusion'
import type { Logger } from '../model/log'
import { sendPage } from './send-page'

/** Collects, and gives the chunks of the page as they are asked for. Rejects where there is no page. */
export type PageSource = (format: Format) => Promise<Iterable<Buffer>>

export interface ScrapeOptions {
  /** How long a scraper may take nothing of the page before its connection is cut, in milliseconds. */
  readonly stalledMs: number
  /** Where it is told that a page could not be written to its end. */
  readonly log: Logger
}

/** Answers one scrape. Whatever goes wrong ends in a response or a cut connection, never in an exception. */
export async function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  source: PageSource,
  { stalledMs, log }: ScrapeOptions,
): Promise<void> {
  try {
    excludeRequest(request)
    if (request.method === 'GET' || request.method === 'HEAD') await answerPage(request, response, source, stalledMs)
    else {
      response.setHeader('Allow', 'GET, HEAD')
      answerText(response, 405, 'Metrics are read with GET.')
    }
  } catch (error) {
    // A connection that is cut is how HTTP tells of a page that ends too soon.
    response.destroy()
    // Streams tell by a code that the scraper left; what has none went wrong here.
    if ((error as NodeJS.ErrnoException).code === undefined) log.error(`a page was broken off: ${errorText(error)}`)
  }
}

async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  source: PageSource,
  stalledMs: number,
): Promise<void> {
  const format = negotiateFormat(request.headers.accept)
  const gzip = acceptsGzip(headerText(request, 'accept-encoding'))
  let chunks: Iterable<Buffer>
  try {
    chunks = await source(format)
  } catch (error) {
    answerText(response, 503, `Metrics could not be collected: ${errorText(error)}`)
    return
  }
  if (response.destroyed || response.headersSent) return
  response.statusCode = 200
  response.setHeader('Content-Type', format.contentType)
  // The framework may have put something there already.
  response.appendHeader('Vary', 'Accept, Accept-Encoding')
  if (gzip) response.setHeader('Content-Encoding', 'gzip')
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await sendPage(chunks, response, { gzip, stalledMs })
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) return
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.end(`${text}\n`)
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(',') : value
}
