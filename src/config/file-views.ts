import {
  type AggregationOption,
  AggregationType,
  createAllowListAttributesProcessor,
  createDenyListAttributesProcessor,
  type IAttributesProcessor,
  InstrumentType,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import type { Part } from './file-part'

/** A view of a file, as sdk-metrics has them. */
export function viewOf(view: Part): ViewOptions {
  const selector = view.object('selector')
  const stream = view.object('stream')
  selector?.knows('instrument_name', 'instrument_type', 'unit', 'meter_name', 'meter_version', 'meter_schema_url')
  stream?.knows('name', 'description', 'aggregation', 'aggregation_cardinality_limit', 'attribute_keys')
  const type = selector?.get<string>('instrument_type')
  const processors = processorsOf(stream?.object('attribute_keys'))
  const values: { readonly [K in keyof ViewOptions]: unknown } = {
    instrumentName: selector?.get('instrument_name'),
    instrumentType: type && InstrumentType[type.toUpperCase() as keyof typeof InstrumentType],
    instrumentUnit: selector?.get('unit'),
    meterName: selector?.get('meter_name'),
    meterVersion: selector?.get('meter_version'),
    meterSchemaUrl: selector?.get('meter_schema_url'),
    name: stream?.get('name'),
    description: stream?.get('description'),
    aggregation: aggregationOf(stream?.object('aggregation')),
    aggregationCardinalityLimit: stream?.get('aggregation_cardinality_limit'),
    attributesProcessors: processors.length > 0 ? processors : undefined,
  }
  // The store checks them with those of the code.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as ViewOptions
}

function processorsOf(keys: Part | undefined): IAttributesProcessor[] {
  const included = keys?.get<string[]>('included')
  const excluded = keys?.get<string[]>('excluded')
  return [
    ...(included === undefined ? [] : [createAllowListAttributesProcessor(included)]),
    ...(excluded === undefined ? [] : [createDenyListAttributesProcessor(excluded)]),
  ]
}

function aggregationOf(part: Part | undefined): AggregationOption | undefined {
  const kind = part?.keys[0]
  const options = kind === undefined ? undefined : part?.object(kind)
  switch (kind) {
    case 'drop':
      return { type: AggregationType.DROP }
    case 'sum':
      return { type: AggregationType.SUM }
    case 'last_value':
      return { type: AggregationType.LAST_VALUE }
    case 'explicit_bucket_histogram': {
      options?.knows('boundaries', 'record_min_max')
      const boundaries = options?.get<number[]>('boundaries')
      const type = AggregationType.EXPLICIT_BUCKET_HISTOGRAM
      return boundaries === undefined ? { type } : { type, options: { boundaries } }
    }
    case 'base2_exponential_bucket_histogram': {
      options?.knows('max_size', 'record_min_max')
      const maxSize = options?.get<number>('max_size')
      const type = AggregationType.EXPONENTIAL_HISTOGRAM
      return maxSize === undefined ? { type } : { type, options: { maxSize } }
    }
    default:
      return kind === undefined ? undefined : { type: AggregationType.DEFAULT }
  }
}
