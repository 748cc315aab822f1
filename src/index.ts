export type { ConsoleOptions, MetricsOptions, OtlpOptions, PrometheusOptions, PushOptions } from './config/options'
export { ExpositionReader, type ExpositionReaderOptions, type RenderedPage } from './endpoint/exposition-reader'
export type { Handler } from './endpoint/handler'
export type { BoundCounter, Counter } from './facade/counter'
export type { BoundGauge, Gauge } from './facade/gauge'
export type { BoundHistogram, Histogram } from './facade/histogram'
export type { Info, InfoOptions } from './facade/info'
export type { AnyObservable, BatchCallback, BatchResult, Observable } from './facade/observable'
export type { BoundStateSet, StateSet, StateSetOptions, States } from './facade/state-set'
export type { BoundUpDownCounter, UpDownCounter } from './facade/up-down-counter'
export { createMetrics, getMetrics, initMetrics, MetricsService, measured, runJob } from './init'
export type {
  BreakerAdapter,
  BreakerOutcome,
  BreakerRecorder,
  BreakerRejection,
} from './instrument/breaker/breaker-adapter'
export type { InstrumentedBreaker } from './instrument/breaker/breaker-registry'
export type { BreakerState } from './instrument/breaker/breaker-state'
export type { InstrumentBreakerOptions } from './instrument/breaker/instrument-breaker'
export type { BusAdapter, BusWatch, TopicLevel } from './instrument/bus/bus-adapter'
export type { InstrumentBusOptions } from './instrument/bus/bus-options'
export type { BusRecorder } from './instrument/bus/bus-recorder'
export type { InstrumentedBus } from './instrument/bus/bus-registry'
export type { Delivery } from './instrument/bus/delivery'
export type { BusFunction, InstrumentFunctionOptions } from './instrument/bus/instrument-function'
export type { TopicSeries } from './instrument/bus/topic-series'
export type { MeasuredDecorator } from './instrument/functions/measured'
export type { InstrumentAll } from './instrument/instrument-all'
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
export type { HttpClientOptions, OutgoingRequest } from './model/http-client-options'
export type { HttpLabels, HttpOptions } from './model/http-options'
export type { Labels, LabelValue } from './model/labels'
export type { Logger } from './model/log'
export type { Endpoints, Selection } from './model/selection'
export type { TranslationStrategy } from './model/translation'
