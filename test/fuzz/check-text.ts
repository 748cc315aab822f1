import type { PeerFamily } from '../support/peer-parser'
import { boundText, type ExpectedSample, expectedSamples, NOW } from './expected'
import type { Plan } from './plan'

type Labels = readonly (readonly [name: string, value: string])[]

/** Throws where the families that a parser read are not what was recorded. */
export function checkText(
  plan: Plan,
  families: readonly PeerFamily[],
  format: 'text' | 'openmetrics',
  escaping: Plan['escaping'],
): void {
  const read = new Map<string, string>()
  for (const { type, unit, help, samples } of families) {
    for (const { name, labels, value, exemplar } of samples) {
      const key = keyOf(name, labels)
      if (read.has(key)) throw new Error(`${key} is there twice`)
      const isHere = exemplar !== undefined && exemplar.timestamp === NOW
      read.set(key, described({ type, unit, help, value, exemplar: exemplar && { ...exemplar, isHere } }))
    }
  }
  const expected = expectedSamples(plan, format, escaping)
  for (const sample of expected) {
    const key = keyOf(sample.name, sample.labels)
    const found = read.get(key)
    read.delete(key)
    if (found === undefined) throw new Error(`${key} is missing`)
    const { exemplar } = sample
    const wanted = described({ ...sample, exemplar: exemplar && { ...exemplar, isHere: true } })
    // A count that cannot be told must be one all the same.
    const isAny = sample.value === undefined && /"value":\d+[,}]/.test(found)
    if (found !== wanted && !(isAny && found.replace(/"value":\d+/, '"value":null') === wanted)) {
      throw new Error(`${key} is ${found}, not ${wanted}`)
    }
  }
  for (const key of read.keys()) throw new Error(`${key} is too much`)
}

type Described = Pick<ExpectedSample, 'type' | 'unit' | 'help' | 'value'> & {
  readonly exemplar: { readonly labels: Labels; readonly value: number; readonly isHere: boolean } | undefined
}

function described({ type, unit, help, value, exemplar }: Described): string {
  return JSON.stringify({
    type,
    unit,
    help,
    value: value === undefined ? null : numberText(value),
    exemplar: exemplar && [exemplar.labels, numberText(exemplar.value), exemplar.isHere],
  })
}

const numberText = (value: number) => (Number.isFinite(value) ? value : String(value))

/** An empty label is as good as none, and a bound is a number. */
function keyOf(name: string, labels: Labels): string {
  const shown = labels
    .filter(([, value]) => value !== '')
    .map(([label, value]) => [label, label === 'le' && name.endsWith('_bucket') ? leText(value) : value])
  return JSON.stringify([name, ...shown.sort(([a = ''], [b = '']) => (a < b ? -1 : 1))])
}

const leText = (text: string) => (text === '+Inf' ? text : boundText(Number(text)))
