/**
 * What scrapes come to. Each is told of on the page after its own.
 *
 * ```text
 * # HELP meterkit_exposition_cache_bytes Memory kept from page to page: texts of label values and the order of series.
 * # TYPE meterkit_exposition_cache_bytes gauge
 * meterkit_exposition_cache_bytes 1234
 * # HELP meterkit_scrape_duration_seconds Time from a scrape's request to the end of its page, by the format of the page.
 * # TYPE meterkit_scrape_duration_seconds histogram
 * meterkit_scrape_duration_seconds_bucket{format="text",le="0.001"} 0
 * meterkit_scrape_duration_seconds_bucket{format="text",le="0.01"} 1
 * meterkit_scrape_duration_seconds_bucket{format="text",le="0.1"} 1
 * meterkit_scrape_duration_seconds_bucket{format="text",le="1"} 1
 * meterkit_scrape_duration_seconds_bucket{format="text",le="10"} 1
 * meterkit_scrape_duration_seconds_bucket{format="text",le="+Inf"} 1
 * meterkit_scrape_duration_seconds_sum{format="text"} 0.0025
 * meterkit_scrape_duration_seconds_count{format="text"} 1
 * # HELP meterkit_scrape_errors_total Scrapes without a page, or without the whole of it, by the reason.
 * # TYPE meterkit_scrape_errors_total counter
 * meterkit_scrape_errors_total{reason="collection"} 0
 * meterkit_scrape_errors_total{reason="deadline"} 0
 * meterkit_scrape_errors_total{reason="disconnected"} 0
 * meterkit_scrape_errors_total{reason="page"} 0
 * meterkit_scrape_errors_total{reason="query"} 1
 * meterkit_scrape_errors_total{reason="stalled"} 0
 * # HELP meterkit_scrape_size_bytes Size of pages before they are compressed, by their format.
 * # TYPE meterkit_scrape_size_bytes histogram
 * meterkit_scrape_size_bytes_bucket{format="text",le="1000"} 0
 * meterkit_scrape_size_bytes_bucket{format="text",le="10000"} 1
 * meterkit_scrape_size_bytes_bucket{format="text",le="100000"} 1
 * meterkit_scrape_size_bytes_bucket{format="text",le="1000000"} 1
 * meterkit_scrape_size_bytes_bucket{format="text",le="10000000"} 1
 * meterkit_scrape_size_bytes_bucket{format="text",le="100000000"} 1
 * meterkit_scrape_size_bytes_bucket{format="text",le="+Inf"} 1
 * meterkit_scrape_size_bytes_sum{format="text"} 2345
 * meterkit_scrape_size_bytes_count{format="text"} 1
 * ```
 *
 * A page is that of `collection` or `deadline` where collecting failed or took too long (503), of `query` where the query
 * cannot be read (400), of `disconnected` where the scraper left before its end, of `stalled` where it took nothing any
 * more and was cut off, of `page` where writing it failed.
 */
import type { HistogramOptions, InstrumentOptions } from '../model/definition'

export const scrapeDuration = {
  name: 'meterkit_scrape_duration_seconds',
  help: "Time from a scrape's request to the end of its page, by the format of the page.",
  unit: 's',
  labelNames: ['format'],
  buckets: [0.001, 0.01, 0.1, 1, 10],
} as const satisfies HistogramOptions<'format'>

export const scrapeSize = {
  name: 'meterkit_scrape_size_bytes',
  help: 'Size of pages before they are compressed, by their format.',
  unit: 'By',
  labelNames: ['format'],
  buckets: [1e3, 1e4, 1e5, 1e6, 1e7, 1e8],
} as const satisfies HistogramOptions<'format'>

export const scrapeErrors = {
  name: 'meterkit_scrape_errors_total',
  help: 'Scrapes without a page, or without the whole of it, by the reason.',
  labelNames: ['reason'],
} as const satisfies InstrumentOptions<'reason'>

export const cacheBytes = {
  name: 'meterkit_exposition_cache_bytes',
  help: 'Memory kept from page to page: texts of label values and the order of series.',
  unit: 'By',
} as const satisfies InstrumentOptions
