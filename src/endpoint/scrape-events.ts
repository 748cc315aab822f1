import type { Format } from '../exposition/format'

/**
 * Why a scrape had no page, or not the whole of it: a query that cannot be read, a collection that took too long or
 * failed, a page that could not be written, a scraper that left or took nothing any more.
 */
export type ScrapeFailure = (typeof SCRAPE_FAILURES)[number]

export const SCRAPE_FAILURES = ['query', 'deadline', 'collection', 'page', 'disconnected', 'stalled'] as const

/** Hears how scrapes end. */
export interface ScrapeEvents {
  /** A page was sent to its end; its size is that before it was compressed. */
  sent(format: Format['id'], seconds: number, sizeBytes: number): void
  failed(reason: ScrapeFailure): void
}

/** Where nobody wants to know. */
export const NO_SCRAPE_EVENTS: ScrapeEvents = { sent() {}, failed() {} }
