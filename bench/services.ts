import { join } from 'node:path'
import type * as meterkit from '../dist/index'

// The benchmarks measure what users get: the compiled library.
const { createMetrics } = require(join(__dirname, '..', 'dist', 'index.js')) as typeof meterkit

/** A service with nothing but what a benchmark records. */
export function quietService(options: meterkit.MetricsOptions = {}): meterkit.MetricsService {
  return createMetrics({
    exporters: [],
    http: false,
    runtime: false,
    logger: false,
    cardinalityLimit: 200_000,
    ...options,
  })
}

/** The bounds that every contestant's histograms have. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
