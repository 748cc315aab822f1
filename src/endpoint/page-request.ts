import type { IncomingMessage } from 'node:http'
import type { Format } from '../exposition/format'
import { negotiateFormat } from '../exposition/negotiate'
import { namesAsked } from './name-parameters'
import { scrapeTimeoutMs } from './scrape-timeout'

/** What a scraper asks for. */
export interface PageRequest {
  readonly format: Format
  /** Metrics and samples by name; `undefined` for all. */
  readonly names: ReadonlySet<string> | undefined
  /** How long the scraper waits until the page begins, in milliseconds; `undefined` where it does not say. */
  readonly timeoutMs: number | undefined
}

/** Throws a `QueryError` where the query cannot be read. */
export function pageRequest(request: IncomingMessage): PageRequest {
  const { accept, 'x-prometheus-scrape-timeout-seconds': timeout } = request.headers
  return {
    format: negotiateFormat(accept),
    names: namesAsked(queryOf(request)),
    timeoutMs: scrapeTimeoutMs(timeout),
  }
}

/**
 * The query of a request. Frameworks rewrite `url` for what they mount, and some take the query out of it as well;
 * Express, connect and others keep the whole of it as `originalUrl`.
 */
function queryOf({ url = '', originalUrl }: IncomingMessage & { readonly originalUrl?: unknown }): string {
  const target = url.includes('?') || typeof originalUrl !== 'string' ? url : originalUrl
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1)
}
