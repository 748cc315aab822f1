import type { LabelsInput } from '../../src/model/labels'
import { ExpositionHouse } from '../support/exposition-house'
import type { MetricPlan, Plan, SeriesPlan } from './plan'

/** A registry that was told everything of a plan. */
export function filled(plan: Plan): ExpositionHouse {
  const { constantLabels, resource, created, metrics } = plan
  const house = new ExpositionHouse({ constantLabels, resource, created, translationStrategy: 'NoTranslation' })
  for (const metric of metrics) fill(house, metric)
  return house
}

const labelsOf = ({ labelNames }: MetricPlan, { labels }: SeriesPlan) =>
  Object.fromEntries(labelNames.map((name, level) => [name, labels[level]])) as never

function fill({ metrics: made }: ExpositionHouse, metric: MetricPlan): void {
  const { kind, name, help, unit, labelNames, series, buckets, native, states = [] } = metric
  const options = { name, help, unit, labelNames: [...labelNames] }
  switch (kind) {
    case 'counter': {
      const counter = made.counter(options)
      for (const each of series) {
        const bound = counter.bind(labelsOf(metric, each))
        for (const { value, exemplar } of each.measurements) {
          const extra = exemplar && { exemplar }
          if (each.isBound) bound.add(value, extra)
          else counter.add(value, labelsOf(metric, each), extra)
        }
      }
      return
    }
    case 'upDownCounter': {
      const counter = made.upDownCounter(options)
      for (const each of series) {
        const bound = counter.bind(labelsOf(metric, each))
        for (const { value } of each.measurements) {
          if (each.isBound) bound.add(value)
          else counter.add(value, labelsOf(metric, each))
        }
      }
      return
    }
    case 'gauge': {
      const gauge = made.gauge(options)
      for (const each of series) {
        for (const { value } of each.measurements) {
          if (each.isBound) gauge.bind(labelsOf(metric, each)).set(value)
          else gauge.set(value, labelsOf(metric, each))
        }
      }
      return
    }
    case 'histogram': {
      const histogram = made.histogram({ ...options, ...(buckets && { buckets }), ...(native && { native }) })
      for (const each of series) {
        const bound = histogram.bind(labelsOf(metric, each))
        for (const { value, exemplar } of each.measurements) {
          const extra = exemplar && { exemplar }
          if (each.isBound) bound.record(value, extra)
          else histogram.record(value, labelsOf(metric, each), extra)
        }
      }
      return
    }
    case 'info': {
      const info = made.info({ name, help, labelNames: [...labelNames] })
      for (const each of series) info.add(labelsOf(metric, each))
      return
    }
    case 'stateSet': {
      const set = made.stateSet({ name, help, labelNames: [...labelNames], states })
      for (const [index, each] of series.entries()) {
        const state = heldState(metric, index)
        if (each.isBound) set.bind(labelsOf(metric, each)).set(state)
        else set.set(state, labelsOf(metric, each))
      }
      return
    }
    default: {
      const callback = (result: { observe(value: number, labels: LabelsInput): void }) => {
        for (const each of series) {
          for (const { value } of each.measurements) result.observe(value, labelsOf(metric, each))
        }
      }
      made[kind]({ ...options, callback: callback as never })
    }
  }
}

/** The state that holds in the series with this place among those of a state set. */
export function heldState({ states = [] }: MetricPlan, index: number): string {
  return states[index % states.length] as string
}
