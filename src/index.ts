export type { MetricsOptions, PrometheusOptions } from './config/options'
export { ExpositionReader, type ExpositionReaderOptions, type RenderedPage } from './endpoint/exposition-reader'
export type { Handler } from './endpoint/handler'
export type { BoundCounter, Counter } from './facade/counter'
export type { BoundGauge, Gauge } from './facade/gauge'
export type { BoundHistogram, Histogram } from './facade/histogram'
export type { Info, InfoOptions } from './facade/info'
export type { BatchCallback, BatchResult, Observable } from './facade/observable'
export type { BoundStateSet, StateSet, StateSetOptions, States } from './facade/state-set'
export type { BoundUpDownCounter, UpDownCounter } from './facade/up-down-counter'
export { createMetrics, getMetrics, initMetrics, MetricsService } from './init'
export type { InstrumentedBreaker } from './instrument/breaker/breaker-registry'
export type { InstrumentBreakerOptions } from './instrument/breaker/instrument-breaker'
export type { EventBus, InstrumentBusOptions, InstrumentedBus } from './instrument/bus/instrument-bus'
export { DEFAULT_BUCKETS } from './model/buckets'
export type {
  HistogramOptions,
  InstrumentOptions,
  ObservableCallback,
  ObservableOptions,
  ObservableResult,
} from './model/definition'
export { DefinitionConflictError, DefinitionError } from './model/errors'
export type { ExemplarFilter, MeasurementOptions } from './model/exemplar'
export type { HttpOptions } from './model/http-options'
export type { Labels, LabelValue } from './model/labels'
export type { Logger } from './model/log'
export type { Endpoints, Selection } from './model/selection'
export type { TranslationStrategy } from './model/translation'
