import { escapeLabelValue } from './bytes'
import type { Family } from './family'
import { familyHeader } from './family-lines'
import type { Format } from './format'
import type { Naming } from './naming'
import { quotedLabel } from './quoted'

/** The resource's attributes; `undefined` leaves `target_info` out. */
export type ResourceAttributes = Readonly<Record<string, unknown>> | undefined

/** The family where there is no type for it, or its name is taken. */
const GAUGE: Family = {
  name: 'target_info',
  baseName: 'target_info',
  type: 'gauge',
  role: undefined,
  help: 'Target metadata',
  unit: '',
  streams: [],
}

const INFO: Family = { ...GAUGE, baseName: 'target', role: 'info' }

/** The text of `target_info`, which tells what is scraped (compatibility specification, "Resource Attributes"). */
export function targetInfo(
  attributes: ResourceAttributes,
  families: readonly Family[],
  format: Format,
  naming: Naming,
): string {
  const labels = targetLabels(attributes, families, naming)
  if (labels === undefined) return ''
  const text = [...labels].map(([name, value]) => `${quotedLabel(name)}="${escapeLabelValue(value)}"`).join(',')
  const family = families.some(({ baseName }) => baseName === 'target') ? GAUGE : INFO
  return `${familyHeader(family, format)}target_info${text === '' ? '' : `{${text}}`} 1\n`
}

/** The labels of `target_info`; `undefined` where it is left out. */
export function targetLabels(
  attributes: ResourceAttributes,
  families: readonly Family[],
  naming: Naming,
): ReadonlyMap<string, string> | undefined {
  if (attributes === undefined || families.some(({ name }) => name === 'target_info')) return undefined
  return naming.labels(textsOf(attributes), 'otel')
}

function textsOf(attributes: Readonly<Record<string, unknown>>): [name: string, value: string][] {
  const texts: [string, string][] = []
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name]
    if (value === undefined || value === null) continue
    texts.push([name, typeof value === 'string' ? value : String(JSON.stringify(value))])
  }
  return texts
}
