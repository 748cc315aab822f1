/** What of its time a scraper has left for the page to arrive: a share, up to so many milliseconds. */
const SENDING_SHARE = 0.2
const MAX_SENDING_MS = 500

/**
 * How long collecting may take for a scraper that says by `X-Prometheus-Scrape-Timeout-Seconds` how long it waits, in
 * milliseconds: that, less a margin for sending. `undefined` for a header that is missing or does not say a time.
 */
export function scrapeTimeoutMs(header: string | readonly string[] | undefined): number | undefined {
  // Prometheus writes a decimal number of seconds, without an exponent.
  const waitsMs = typeof header === 'string' && /^\d{1,9}(\.\d{1,20})?$/.test(header) ? Number(header) * 1_000 : 0
  // Who waits no time at all does not mean it.
  if (waitsMs === 0) return undefined
  return Math.max(1, Math.floor(waitsMs - Math.min(waitsMs * SENDING_SHARE, MAX_SENDING_MS)))
}
