import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { expect } from 'chai'
import * as ts from 'typescript'
import { optionsFromFile } from '../../src/config/file'
import { DefinitionError } from '../../src/model/errors'

/** What is left to others, whatever stands there. */
const OF_OTHERS = [
  'attribute_limits',
  'distribution',
  'instrumentation/development',
  'logger_provider',
  'propagator',
  'tracer_provider',
]

/** What is about metrics, and taken though it changes nothing here. */
const WITHOUT_EFFECT = [
  // Says of itself which it is.
  'resource.attributes[].type',
  'resource.schema_url',
  // Histograms are cumulative, and a minimum since the start tells nothing of a window.
  'meter_provider.views[].stream.aggregation.base2_exponential_bucket_histogram.record_min_max',
  'meter_provider.views[].stream.aggregation.explicit_bucket_histogram.record_min_max',
]

interface Key {
  /** `meter_provider.readers[].pull`. */
  readonly place: string
  /** Values that it may have. */
  readonly values: readonly unknown[]
}

/** Every key of OpenTelemetry's schema that has a value of its own, as the types of its package have them. */
function schemaKeys(): Key[] {
  const entry = join(__dirname, 'node_modules/@opentelemetry/configuration/dist/index.d.cts')
  const program = ts.createProgram([entry], { strict: true, skipLibCheck: true })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry) as ts.SourceFile) as ts.Symbol
  const model = checker.getExportsOfModule(module).find(({ name }) => name === 'ConfigurationModel') as ts.Symbol
  const keys: Key[] = []
  const visit = (given: ts.Type, place: string): void => {
    const parts = given.isUnion() ? given.types : [given]
    const types = parts.filter(({ flags }) => (flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) === 0)
    const values = types.flatMap(valuesOf)
    if (values.length > 0) {
      keys.push({ place, values })
      return
    }
    for (const type of types) {
      const element = checker.getIndexTypeOfType(type, ts.IndexKind.Number)
      if (element !== undefined) {
        if (valuesOf(element).length > 0) keys.push({ place, values: [valuesOf(element)] })
        else visit(element, `${place}[]`)
        continue
      }
      const properties = checker.getPropertiesOfType(type)
      if (properties.length === 0) keys.push({ place, values: [{}] })
      for (const property of properties) {
        const path = place === '' ? property.name : `${place}.${property.name}`
        if (OF_OTHERS.includes(path)) keys.push({ place: path, values: [] })
        else visit(checker.getTypeOfSymbol(property), path)
      }
    }
  }
  visit(checker.getDeclaredTypeOfSymbol(model), '')
  return keys
}

function valuesOf(type: ts.Type): unknown[] {
  if (type.isStringLiteral()) return [type.value]
  if (type.flags & ts.TypeFlags.BooleanLiteral)
    return [(type as unknown as { intrinsicName: string }).intrinsicName === 'true']
  if (type.flags & ts.TypeFlags.String) return ['a=b']
  if (type.flags & ts.TypeFlags.Number) return [7]
  return []
}

const KEYS = schemaKeys()

type Content = Record<string, unknown>

/** A file with a value at a place, in the first entry of each list on the way, and with what the schema asks for beside it. */
function fileWith(place: string, value: unknown): Content {
  const content: Content = {}
  const keys = place.split('.').flatMap((key) => (key.endsWith('[]') ? [key.slice(0, -2), 0] : [key]))
  keys.reduce<Content>((inner, key, index) => {
    const isLast = index === keys.length - 1
    inner[key] = isLast ? value : typeof keys[index + 1] === 'number' ? [] : {}
    return inner[key] as Content
  }, content)
  const { meter_provider: meters, resource } = content as Record<string, Record<string, Content[]>>
  if (meters !== undefined) {
    meters.readers ??= [{ pull: {} }]
    for (const { pull, periodic } of meters.readers as Record<string, Content>[]) {
      if (pull !== undefined) pull.exporter ??= { 'prometheus/development': {} }
      if (periodic !== undefined) periodic.exporter ??= { otlp_http: {} }
      for (const exporter of Object.values(periodic?.exporter ?? {}))
        complete(exporter?.headers, { name: 'n', value: 'v' })
    }
    complete(meters.views, { selector: { instrument_name: 'x' }, stream: {} })
    complete(Object(meters['meter_configurator/development']).meters, { name: 'n', config: {} })
  }
  complete(resource?.attributes, { name: 'n', value: 'v' })
  return content
}

function complete(entries: Content[] | undefined, required: Content): void {
  entries?.forEach((entry, index) => {
    entries[index] = { ...required, ...entry }
  })
}

const parentOf = (place: string): string => place.slice(0, Math.max(0, place.lastIndexOf('.')))

describe('The schema of OpenTelemetry’s configuration file', () => {
  let file: string
  before(() => {
    file = join(mkdtempSync(join(tmpdir(), 'meterkit-schema-')), 'config.yaml')
  })
  after(() => rmSync(dirname(file), { recursive: true, force: true }))

  function read(content: object): object {
    writeFileSync(file, JSON.stringify({ file_format: '1.0', ...content }))
    return optionsFromFile(file).options
  }

  /** What a file says that has all around a place, and nothing there. */
  function without(place: string): object {
    for (let parent = parentOf(place); parent !== ''; parent = parentOf(parent)) {
      try {
        return read(fileWith(parent, {}))
      } catch {
        // The schema wants something there.
      }
    }
    return read({})
  }

  /** Whether a value makes another option, or is refused for what it is. */
  function isHeard(place: string, value: unknown): boolean {
    const before = without(place)
    try {
      return !isDeepStrictEqual(read(fileWith(place, value)), before)
    } catch (error) {
      const { message } = error as Error
      const last = place.slice(place.lastIndexOf('.') + 1)
      const says = ['must be left out, as meterkit has no such thing', ` in ${file} must be `, `.${last} must be `]
      expect(
        says.some((text) => message.includes(text)),
        message,
      ).to.equal(true)
      return true
    }
  }

  for (const { place, values } of KEYS) {
    if (place === 'file_format' || OF_OTHERS.includes(place)) continue
    const isSilent = WITHOUT_EFFECT.includes(place)
    it(`has ${place}, which is ${isSilent ? 'taken without effect' : 'heard or refused'}`, () => {
      expect(values.some((value) => isHeard(place, value))).to.equal(!isSilent)
    })
  }

  it('has what is left to others', () => {
    const places = KEYS.map(({ place }) => place)
    expect(places).to.include.members([...OF_OTHERS, ...WITHOUT_EFFECT])
    expect(
      read({
        attribute_limits: { attribute_count_limit: 7 },
        distribution: { other: { a: 1 } },
        'instrumentation/development': { js: { a: { b: 1 } } },
        logger_provider: { processors: [{ simple: { exporter: { console: {} } } }] },
        propagator: { composite: [{ tracecontext: {} }] },
        tracer_provider: { processors: [{ simple: { exporter: { console: {} } } }] },
      }),
    ).to.deep.equal({})
  })

  it('has no other keys anywhere that is read', () => {
    const groups = new Set(KEYS.map(({ place }) => parentOf(place)))
    for (const group of groups) {
      const place = group === '' ? 'unknown_key' : `${group}.unknown_key`
      expect(() => read(fileWith(place, 'x')), place).to.throw(DefinitionError, 'unknown_key')
    }
  })
})
