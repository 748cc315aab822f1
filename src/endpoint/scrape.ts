import type { IncomingMessage, ServerResponse } from 'node:http'
import { acceptsGzip } from '../exposition/negotiate'
import { errorText } from '../model/errors'
import { excludeRequest } from '../model/http-exclusion'
import type { Logger } from '../model/log'
import { DeadlineError } from './deadline'
import { QueryError } from './name-parameters'
import { type PageRequest, pageRequest } from './page-request'
import type { ScrapeEvents } from './scrape-events'
import { StalledError, sendPage } from './send-page'

/** Collects, and gives the chunks of the page as they are asked for. Rejects where there is no page. */
export type PageSource = (request: PageRequest) => Promise<Iterable<Buffer>>

export interface ScrapeOptions {
  /** How long a scraper may take nothing of the page before its connection is cut, in milliseconds. */
  readonly stalledMs: number
  /** Where it is told that a page could not be written to its end. */
  readonly log: Logger
  /** What hears how scrapes end. */
  readonly events: ScrapeEvents
}

/** Answers one scrape. Whatever goes wrong ends in a response or a cut connection, never in an exception. */
export async function answerScrape(
  request: IncomingMessage,
  response: ServerResponse,
  source: PageSource,
  options: ScrapeOptions,
): Promise<void> {
  try {
    excludeRequest(request)
    if (request.method === 'GET' || request.method === 'HEAD') await answerPage(request, response, source, options)
    else {
      response.setHeader('Allow', 'GET, HEAD')
      answerText(response, 405, 'Metrics are read with GET.')
    }
  } catch (error) {
    // A connection that is cut is how HTTP tells of a page that ends too soon.
    response.destroy()
    // Streams tell by a code that the scraper left; what has none went wrong here.
    const isScrapers = error instanceof StalledError || (error as NodeJS.ErrnoException).code !== undefined
    options.events.failed(error instanceof StalledError ? 'stalled' : isScrapers ? 'disconnected' : 'page')
    if (!isScrapers) options.log.error(`a page was broken off: ${errorText(error)}`)
  }
}

async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  source: PageSource,
  { stalledMs, events }: ScrapeOptions,
): Promise<void> {
  const startMs = performance.now()
  const gzip = acceptsGzip(headerText(request, 'accept-encoding'))
  let asked: PageRequest
  let chunks: Iterable<Buffer>
  try {
    asked = pageRequest(request)
    chunks = await source(asked)
  } catch (error) {
    if (error instanceof QueryError) {
      answerText(response, 400, error.message)
      events.failed('query')
    } else {
      answerText(response, 503, `Metrics could not be collected: ${errorText(error)}`)
      events.failed(error instanceof DeadlineError ? 'deadline' : 'collection')
    }
    return
  }
  if (response.headersSent) return
  if (response.destroyed) {
    events.failed('disconnected')
    return
  }
  response.statusCode = 200
  response.setHeader('Content-Type', asked.format.contentType)
  // The framework may have put something there already.
  response.appendHeader('Vary', 'Accept, Accept-Encoding')
  if (gzip) response.setHeader('Content-Encoding', 'gzip')
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const sizeBytes = await sendPage(chunks, response, { gzip, stalledMs })
  events.sent(asked.format.id, (performance.now() - startMs) / 1_000, sizeBytes)
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
