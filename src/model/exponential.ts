import { DefinitionError, received } from './errors'

/** How an exponential histogram's buckets are to be. */
export interface ExponentialOptions {
  /** The most buckets of positive values, and as many again of negative ones; 2 to 10,000. Default: 160. */
  readonly maxBuckets?: number | undefined
  /**
   * The scale to begin with, the finest: a bucket's bounds are `2 ** 2 ** -scale` apart, as a factor. It falls by itself
   * where the values need more than `maxBuckets`. -10 to 20. Default: 20.
   */
  readonly scale?: number | undefined
}

/** {@link ExponentialOptions}, decided. */
export interface ExponentialLimits {
  readonly maxBuckets: number
  readonly scale: number
}

/** Metrics SDK specification, "Base2 Exponential Bucket Histogram Aggregation": MaxSize and MaxScale. */
const DEFAULT_MAX_BUCKETS = 160
const MAX_SCALE = 20
/** At this scale two buckets cover every number there is. */
const MIN_SCALE = -10
/** As many as no format and no reader has use for, and few enough to be harmless. */
const MOST_BUCKETS = 10_000

/** The options decided and checked. `cannot` opens the text of an error. */
export function checkedExponential(cannot: string, options: ExponentialOptions | true): ExponentialLimits {
  if (options === true) return { maxBuckets: DEFAULT_MAX_BUCKETS, scale: MAX_SCALE }
  if (typeof options !== 'object' || options === null) {
    throw new DefinitionError(
      `${cannot} native must be a boolean or an object, got ${received(options)}. Write native: true.`,
    )
  }
  for (const key of Object.keys(options)) {
    if (key === 'maxBuckets' || key === 'scale') continue
    throw new DefinitionError(
      `${cannot} an option of native must be one of maxBuckets, scale, got ${received(key)}. Remove it or correct its name.`,
    )
  }
  const { maxBuckets = DEFAULT_MAX_BUCKETS, scale = MAX_SCALE } = options
  checkWhole(`${cannot} native.maxBuckets`, maxBuckets, 2, MOST_BUCKETS)
  checkWhole(`${cannot} native.scale`, scale, MIN_SCALE, MAX_SCALE)
  return { maxBuckets, scale }
}

/** The limits of OpenTelemetry's exponential aggregation, whose `maxSize` a view may choose. */
export function exponentialOfSize(cannot: string, maxSize: number = DEFAULT_MAX_BUCKETS): ExponentialLimits {
  checkWhole(`${cannot} maxSize`, maxSize, 2, MOST_BUCKETS)
  return { maxBuckets: maxSize, scale: MAX_SCALE }
}

function checkWhole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new DefinitionError(
    `${what} must be a whole number from ${least} to ${most}, got ${received(value)}. Leave it out for the default.`,
  )
}
