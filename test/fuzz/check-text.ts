import { isDeepStrictEqual } from 'node:util'
import type { PeerFamily, PeerSample } from '../support/peer-parser'
import { boundText, type ExpectedSample, expectedSamples, NOW } from './expected'
import type { Plan } from './plan'

type Labels = readonly (readonly [name: string, value: string])[]
type Read = PeerSample & Pick<PeerFamily, 'type' | 'unit' | 'help'>

/** Throws where the families that a parser read are not what was recorded. */
export function checkText(
  plan: Plan,
  families: readonly PeerFamily[],
  format: 'text' | 'openmetrics',
  escaping: Plan['escaping'],
): void {
  const read = new Map<string, Read>()
  for (const { type, unit, help, samples } of families) {
    for (const sample of samples) {
      const key = keyOf(sample.name, sample.labels)
      if (read.has(key)) throw new Error(`${shown(sample)} is there twice`)
      read.set(key, { ...sample, type, unit, help })
    }
  }
  for (const expected of expectedSamples(plan, format, escaping)) {
    const key = keyOf(expected.name, expected.labels)
    const found = read.get(key)
    if (found === undefined) throw new Error(`${shown(expected)} is missing`)
    if (!isAsExpected(found, expected)) throw new Error(`${shown(found)} is not ${shown(expected)}`)
    read.delete(key)
  }
  for (const sample of read.values()) throw new Error(`${shown(sample)} is too much`)
}

function isAsExpected({ type, unit, help, value, exemplar }: Read, expected: ExpectedSample): boolean {
  if (type !== expected.type || unit !== expected.unit || help !== expected.help) return false
  // A count that cannot be told must be one all the same.
  if (expected.value === undefined ? !(Number.isInteger(value) && value >= 0) : value !== expected.value) return false
  if (exemplar === undefined || expected.exemplar === undefined) return exemplar === expected.exemplar
  const { labels, value: of, timestamp } = exemplar
  return of === expected.exemplar.value && timestamp === NOW && isDeepStrictEqual(labels, expected.exemplar.labels)
}

const shown = (sample: object) =>
  JSON.stringify(sample, (_key, value) => (Number.isFinite(value) ? value : toText(value)))
const toText = (value: unknown) => (typeof value === 'number' ? String(value) : value)

/** The same for samples of one series: an empty label is as good as none, and a bound is a number. */
function keyOf(name: string, labels: Labels): string {
  let key = `${name.length} ${name}`
  // Both sides have them in alphabetical order.
  for (const [label, value] of labels) {
    if (value === '') continue
    const text = label === 'le' && name.endsWith('_bucket') ? leText(value) : value
    key += `${label.length} ${label}${text.length} ${text}`
  }
  return key
}

const leText = (text: string) => (text === '+Inf' ? text : boundText(Number(text)))
