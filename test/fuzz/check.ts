import { type Format, OPENMETRICS, PROTOBUF, TEXT, TEXT_1 } from '../../src/exposition/format'
import type { PeerParser } from '../support/peer-parser'
import { checkProtobuf } from './check-protobuf'
import { checkText } from './check-text'
import { filled } from './fill'
import type { Plan } from './plan'

/** The formats that each plan is written in. */
export const FORMATS = ['text 0.0.4', 'text 1.0.0', 'OpenMetrics 1.0.0', 'protobuf'] as const

/**
 * Writes the pages of a plan, has others read them, and rejects where that is not what was recorded.
 *
 * The parser of text and OpenMetrics is one of before names in quotes: it gets them escaped, by each of the other schemes.
 * Protobuf has them as they are.
 */
export async function check(plan: Plan, parser: PeerParser): Promise<void> {
  const house = filled(plan)
  const asText = plan.escaping === 'allow-utf-8' ? 'values' : plan.escaping
  const read = async (name: string, format: Format) => {
    const page = await house.page(format)
    const kind = format.id === 'openmetrics' ? 'openmetrics' : 'text'
    try {
      checkText(plan, await parser.parse(kind, page), kind, format.escaping)
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}\n${page}`)
    }
  }
  await read(FORMATS[0], TEXT)
  await read(FORMATS[1], { ...TEXT_1, escaping: asText })
  await read(FORMATS[2], { ...OPENMETRICS, escaping: asText })
  try {
    checkProtobuf(plan, await house.page({ ...PROTOBUF, escaping: plan.escaping }), plan.escaping)
  } catch (error) {
    throw new Error(`${FORMATS[3]}: ${(error as Error).message}`)
  }
}

/** The smallest plan that fails as the given one does: without all that it fails without. */
export async function shrunk(plan: Plan, parser: PeerParser): Promise<Plan> {
  for (const smaller of smallerPlans(plan)) {
    const fails = await check(smaller, parser).then(
      () => false,
      () => true,
    )
    if (fails) return await shrunk(smaller, parser)
  }
  return plan
}

function* smallerPlans(plan: Plan): Generator<Plan> {
  const without = <T>(list: readonly T[], index: number) => list.filter((_, place) => place !== index)
  for (const [index, metric] of plan.metrics.entries()) {
    yield { ...plan, metrics: without(plan.metrics, index) }
    const replaced = (change: Partial<typeof metric>) => ({
      ...plan,
      metrics: plan.metrics.map((each, place) => (place === index ? { ...each, ...change } : each)),
    })
    if (metric.help !== '') yield replaced({ help: '' })
    if (metric.unit !== '') yield replaced({ unit: '' })
    for (const [place, series] of metric.series.entries()) {
      if (metric.series.length > 1) yield replaced({ series: without(metric.series, place) })
      for (const step of series.measurements.keys()) {
        const shorter = { ...series, measurements: without(series.measurements, step) }
        yield replaced({ series: metric.series.map((each, other) => (other === place ? shorter : each)) })
      }
    }
  }
  if (Object.keys(plan.constantLabels).length > 0) yield { ...plan, constantLabels: {} }
  if (plan.created) yield { ...plan, created: false }
}
