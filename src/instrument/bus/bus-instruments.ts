import type { Counter } from '../../facade/counter'
import type { Histogram } from '../../facade/histogram'
import type { Instruments } from '../../facade/instruments'
import type { Observable } from '../../facade/observable'
import type { UpDownCounter } from '../../facade/up-down-counter'
import type { TopicLabel } from './bus.metrics'
import * as definitions from './bus.metrics'

/** The instruments that all buses of one service share. */
export class BusInstruments {
  readonly published: Counter<TopicLabel>
  readonly consumed: Counter<TopicLabel>
  readonly failed: Counter<TopicLabel | 'reason'>
  readonly duration: Histogram<TopicLabel>
  readonly inFlight: UpDownCounter<TopicLabel>
  readonly redeliveries: Counter<TopicLabel>
  readonly deadLetters: Counter<TopicLabel>
  readonly batchSize: Histogram<TopicLabel | 'operation'>
  readonly bytes: Counter<TopicLabel | 'operation'>
  readonly queueDepth: Observable<TopicLabel>
  readonly consumerLag: Observable<TopicLabel>

  constructor(metrics: Instruments) {
    this.published = metrics.counter(definitions.published)
    this.consumed = metrics.counter(definitions.consumed)
    this.failed = metrics.counter(definitions.failed)
    this.duration = metrics.histogram(definitions.processingDuration)
    this.inFlight = metrics.upDownCounter(definitions.inFlight)
    this.redeliveries = metrics.counter(definitions.redeliveries)
    this.deadLetters = metrics.counter(definitions.deadLetters)
    this.batchSize = metrics.histogram(definitions.batchSize)
    this.bytes = metrics.counter(definitions.bytes)
    this.queueDepth = metrics.observableGauge(definitions.queueDepth)
    this.consumerLag = metrics.observableGauge(definitions.consumerLag)
  }
}
