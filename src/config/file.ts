import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { errorText, received } from '../model/errors'
import { nearest } from '../model/nearest'
import { optionalPackage } from '../model/optional-package'
import { checkOptions } from './check-options'
import type { Given } from './environment'
import { Part } from './file-part'
import { readersOf } from './file-readers'
import { refusalOf } from './file-refusal'
import { viewOf } from './file-views'
import type { MetricsOptions } from './options'
import { resolved } from './resolve'
import { TABLE } from './table'
import { forEachOption } from './walk'

/** Where a file has what is meterkit's own: OpenTelemetry's place for what one distribution alone knows. */
const OWN_PLACE = 'meterkit'

/** What a file may have (schema 1.x); the version is gone once it was read. */
const PLACES = [
  'disabled',
  'log_level',
  'attribute_limits',
  'logger_provider',
  'meter_provider',
  'propagator',
  'tracer_provider',
  'resource',
  'instrumentation/development',
  'distribution',
]

/**
 * The options of an OpenTelemetry configuration file (schema 1.x), read by `@opentelemetry/configuration`: resource, readers,
 * views and exemplars from the places that OpenTelemetry has for them, everything else from `distribution.meterkit`. What
 * is about traces, logs and propagation is left to others. Throws where the file cannot be read, where its schema says no,
 * and for what is about metrics and cannot be had here.
 */
export function optionsFromFile(path: string): Given {
  const file = new Part(parsed(path), path, '')
  file.knows(...PLACES)
  const distributions = file.object('distribution')
  // What is of other distributions is theirs.
  const slip = distributions?.keys.find((key) => key !== OWN_PLACE && nearest(key, [OWN_PLACE]) !== undefined)
  if (slip !== undefined) throw distributions?.fault(slip, OWN_PLACE, 'another name', `Write ${received(OWN_PLACE)}.`)
  const own = distributions?.get<MetricsOptions>(OWN_PLACE) ?? {}
  checkOptions(own, ` of distribution.${OWN_PLACE} in ${path}`)
  const { options } = resolved([standard(file), own].map((each) => ({ options: each, origins: new Map() })))
  checkOptions(options, ` in ${path}`)
  const origins = new Map<string, string>()
  forEachOption(TABLE, (option) => origins.set(option, path))
  return { options, origins }
}

/** What is used of `@opentelemetry/configuration`, which only those need who have such a file. */
interface Library {
  parseConfigFile(path: string): object
}

/** What is used of the YAML reader that it brings. */
interface Yaml {
  parseDocument(text: string): { readonly errors: readonly Error[]; toJS(): unknown }
}

function parsed(path: string): object {
  const name = '@opentelemetry/configuration'
  const { parseConfigFile } = optionalPackage<Library>(`Cannot read "${path}":`, name)
  let content: unknown
  try {
    // It takes what it can of YAML that is broken.
    const { parseDocument } = createRequire(require.resolve(name))('yaml') as Yaml
    const document = parseDocument(readFileSync(path, 'utf8'))
    const [broken] = document.errors
    if (broken !== undefined) throw broken
    content = document.toJS()
    return parseConfigFile(path)
  } catch (error) {
    throw refusalOf(path, errorText(error), content)
  }
}

/** What stands in the places that OpenTelemetry has. */
function standard(file: Part): MetricsOptions {
  const disabled = file.get<boolean>('disabled')
  const level = file.get<string>('log_level')
  const meters = file.object('meter_provider')
  meters?.knows('readers', 'views', 'exemplar_filter')
  const exemplars = meters?.get<NonNullable<MetricsOptions['exemplars']>>('exemplar_filter')
  const views = meters?.list('views').map(viewOf) ?? []
  return {
    ...(disabled !== undefined && { disabled }),
    ...(level !== undefined && { logLevel: logLevelOf(level) }),
    ...resourceOf(file.object('resource')),
    ...(meters !== undefined && readersOf(meters)),
    ...(views.length > 0 && { views }),
    ...(exemplars !== undefined && { exemplars }),
  }
}

/** OpenTelemetry's levels have four steps each. */
function logLevelOf(level: string): NonNullable<MetricsOptions['logLevel']> {
  const name = level.replace(/\d$/, '')
  if (name === 'warn' || name === 'error') return name
  return name === 'fatal' ? 'none' : 'info'
}

function resourceOf(part: Part | undefined): Pick<MetricsOptions, 'resource' | 'resourceDetectors'> {
  if (part === undefined) return {}
  part.knows('attributes', 'attributes_list', 'schema_url', 'detection/development')
  const list = part.get<string>('attributes_list')
  const listed = list === undefined ? undefined : TABLE.resource.kind.parse?.(list)
  if (list !== undefined && listed === undefined)
    throw part.fault('attributes_list', 'a list like name=value,other=value', received(list))
  const named = part
    .list('attributes')
    .map((attribute) => [attribute.get<string>('name'), attribute.get<unknown>('value')] as const)
  const resource = { ...listed, ...Object.fromEntries(named.filter(([, value]) => value !== undefined)) }
  const resourceDetectors = detectorsOf(part.object('detection/development'))
  return {
    ...(Object.keys(resource).length > 0 && { resource }),
    ...(resourceDetectors !== undefined && { resourceDetectors }),
  }
}

/** OpenTelemetry's `service` is what its packages for Node.js call `serviceinstance`. */
function detectorsOf(part: Part | undefined): MetricsOptions['resourceDetectors'] {
  part?.knows('detectors')
  const names = part?.list('detectors').flatMap(({ keys }) => keys)
  // They are checked with all others.
  return names?.map((name) => (name === 'service' ? 'serviceinstance' : name)) as MetricsOptions['resourceDetectors']
}
