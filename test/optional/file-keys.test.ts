import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { optionsFromFile } from '../../src/config/file'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'
import { DefinitionError, received } from '../../src/model/errors'

const TIMEOUT = 'a number from 0, which is no limit, to 2147483647'
const DELAY = 'a number above 0 and up to 2147483647'
const FLAG = 'true or false'
const PLAIN = 'an object of strings, numbers and booleans'
const URL = 'an http or https URL'
const ENDPOINT = `${URL}, or host:port over gRPC`
const HEADERS = 'an object of strings by name, as headers may have them'
const FILE = 'the path of a file'

type Row = readonly [value: unknown, bad: unknown, wanted: string, shown?: string]

/** Each option that a file may give at `distribution.meterkit`: a value, one that it cannot have, and what is wanted then. */
const OWN: Readonly<Record<string, Row>> = {
  disabled: [true, 'yes', FLAG],
  serviceName: ['orders', 7, 'a string'],
  resource: [{ a: 'b', c: [1, 2] }, 7, `${PLAIN}, and arrays of these`],
  resourceDetectors: [
    ['host', 'os'],
    ['hsot'],
    'a list of env, host, os, process, serviceinstance, container, aws, gcp, azure, all',
  ],
  resourceLabels: [['service.namespace'], 'service.namespace', 'a list of up to 20 attribute names'],
  exporters: [['otlp'], ['otpl'], "a list of 'prometheus', 'otlp', 'console' and metric readers, each once"],
  prometheus: [{ port: 1 }, 7, 'an object'],
  'prometheus.host': ['0.0.0.0', 7, 'a host name or address, without a port'],
  'prometheus.port': [1, 65_536, 'a whole number from 0 to 65535'],
  'prometheus.path': ['/m', 'm', 'a path that starts with "/", written as in a URL'],
  'prometheus.endpoints': [{ '/m': { include: ['http_*'] } }, 7, 'an object of paths'],
  'prometheus.server': [false, 'no', FLAG],
  'prometheus.timeoutMs': [500, 0, DELAY],
  'prometheus.created': [true, 'yes', FLAG],
  'prometheus.translationStrategy': [
    'NoTranslation',
    'notranslation',
    'one of UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUTF8EscapingWithSuffixes, NoTranslation',
  ],
  otlp: [[{ protocol: 'grpc' }], 7, 'an object, or a list of them'],
  'otlp.endpoint': ['http://a/m', 'ftp://a', ENDPOINT],
  'otlp.insecure': [true, 'yes', FLAG],
  'otlp.protocol': ['grpc', 'grcp', 'one of http/protobuf, http/json, grpc'],
  'otlp.headers': [{ 'api-key': 'k' }, 's3cret', HEADERS, 'something else'],
  'otlp.compression': ['gzip', 'br', 'one of gzip, none'],
  'otlp.timeoutMs': [500, '500', TIMEOUT],
  'otlp.certificate': ['ca.pem', 7, FILE],
  'otlp.clientCertificate': ['c.pem', 7, FILE],
  'otlp.clientKey': ['k.pem', 7, FILE],
  'otlp.temporality': ['delta', 'detla', 'one of cumulative, delta, lowmemory'],
  'otlp.histograms': [
    'base2_exponential_bucket_histogram',
    'base2',
    'one of explicit_bucket_histogram, base2_exponential_bucket_histogram',
  ],
  'otlp.intervalMs': [1_000, -1, DELAY],
  'otlp.exportTimeoutMs': [1_000, 2_147_483_648, TIMEOUT],
  console: [{ intervalMs: 1 }, 7, 'an object'],
  'console.intervalMs': [1_000, -1, DELAY],
  'console.exportTimeoutMs': [1_000, 2_147_483_648, TIMEOUT],
  'push.to': ['remote-write', 'remotewrite', 'one of pushgateway, remote-write'],
  'push.url': ['http://a:9091', 'a:9091', URL],
  'push.job': ['nightly', 7, 'a name'],
  'push.groupingKey': [{ shard: 7 }, 7, `${PLAIN} by label name, without job and le`],
  'push.action': ['replace', 'add', 'one of merge, replace, delete'],
  'push.nativeHistograms': [true, 'on', 'true or false'],
  'push.headers': [{ 'api-key': 'k' }, 's3cret', HEADERS, 'something else'],
  'push.timeoutMs': [500, 0, DELAY],
  http: [false, true, 'an object of options, or false'],
  'http.engine': ['opentelemetry', 'otel', 'one of channels, opentelemetry'],
  'http.buckets': [[0.1, 1], [2, 1], 'a list of rising numbers'],
  'http.ignore': [['/health'], 7, 'a list of paths and regular expressions, or a function'],
  'http.maxPaths': [5, 0, 'a whole number from 1 to 1000'],
  'http.methods': [['GET'], ['get'], 'a list of 1 to 50 methods in capitals'],
  'http.sizes': [true, 'on', 'true, false, or an object with buckets'],
  'http.client': [false, true, 'an object of options, or false'],
  'http.client.buckets': [[1], 'one', 'a list of rising numbers'],
  'http.client.ignore': [['a.example'], 7, 'a list of hosts and regular expressions, or a function'],
  'http.client.maxHosts': [5, 1_001, 'a whole number from 1 to 1000'],
  runtime: [false, 'no', FLAG],
  selfMetrics: [false, 'no', FLAG],
  cardinalityLimit: [10, 0, 'a whole number of 1 or more'],
  exemplars: ['always_off', 'alwaysoff', 'one of trace_based, always_on, always_off'],
  semconv: [true, 'yes', FLAG],
  constantLabels: [{ zone: 'a' }, 'zone', PLAIN],
  logLevel: ['warn', 'eror', 'one of info, warn, error, none'],
}

const TRANSLATIONS =
  'one of underscore_escaping_with_suffixes, underscore_escaping_without_suffixes/development, no_utf8_escaping_with_suffixes/development, no_translation/development'

/** The same of the place that OpenTelemetry's file has for an option; last, what the option is then, where that is not the value. */
const STANDARD: Readonly<Record<string, readonly [value: unknown, bad: unknown, wanted: string, option?: unknown]>> = {
  disabled: [true, 'yes', 'boolean'],
  resource: [[{ name: 'a', value: 'b' }], 7, 'array', { a: 'b' }],
  resourceDetectors: [
    [{ service: null }],
    [{ hsot: null }],
    'a list of env, host, os, process, serviceinstance, container, aws, gcp, azure, all',
    ['serviceinstance'],
  ],
  resourceLabels: [['service.namespace'], ['service.*'], 'a list of names without * and ?'],
  exporters: [[{ periodic: { exporter: { otlp_http: null } } }], [], 'NOT have fewer than 1 items', ['otlp']],
  'prometheus.host': ['0.0.0.0', 7, 'string'],
  'prometheus.port': [1, 65_536, 'a whole number from 0 to 65535'],
  'prometheus.translationStrategy': ['no_translation/development', 'no_translation', TRANSLATIONS, 'NoTranslation'],
  'otlp.endpoint': ['http://a/m', 'ftp://a', ENDPOINT],
  'otlp.insecure': [true, 'yes', 'boolean'],
  'otlp.protocol': ['json', 'jsno', 'one of protobuf, json', 'http/json'],
  'otlp.headers': [[{ name: 'api-key', value: 'k' }], 's3cret', 'array', { 'api-key': 'k' }],
  'otlp.compression': ['gzip', 'br', 'one of gzip, none'],
  'otlp.timeoutMs': [500, '500', 'integer'],
  'otlp.certificate': ['ca.pem', 7, 'string'],
  'otlp.clientCertificate': ['c.pem', 7, 'string'],
  'otlp.clientKey': ['k.pem', 7, 'string'],
  'otlp.temporality': ['low_memory', 'lowmemory', 'one of cumulative, delta, low_memory', 'lowmemory'],
  'otlp.histograms': [
    'base2_exponential_bucket_histogram',
    'base2',
    'one of explicit_bucket_histogram, base2_exponential_bucket_histogram',
  ],
  'otlp.intervalMs': [1_000, 0, DELAY],
  'otlp.exportTimeoutMs': [1_000, 2_147_483_648, TIMEOUT],
  'console.intervalMs': [1_000, 0, DELAY],
  'console.exportTimeoutMs': [1_000, 2_147_483_648, TIMEOUT],
  views: [
    [{ selector: { instrument_name: 'a' }, stream: { name: 'b' } }],
    7,
    'array',
    [{ instrumentName: 'a', name: 'b' }],
  ],
  cardinalityLimit: [10, 0, '> 0'],
  exemplars: ['always_off', 'alwaysoff', 'one of always_on, always_off, trace_based'],
  logLevel: ['warn', 'wran', 'one of trace, debug, info, warn, error, fatal'],
}

/** What is shown as received, where that is not the whole of what stands there. */
const SHOWN: Readonly<Record<string, string>> = {
  resourceDetectors: '["hsot"]',
  resourceLabels: '"service.*"',
  'otlp.headers': 'something else',
}

const nested = (keys: readonly string[], value: unknown): unknown =>
  keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)

/** What a file must have besides, so that a place can be there. */
function around(place: string, path: string): object {
  if (!place.startsWith('meter_provider')) return {}
  const pull = { pull: { exporter: { 'prometheus/development': {} } } }
  const [name = 'otlp_http'] = /otlp_grpc(?=\.)|^console(?=\.)/.exec(path.startsWith('console') ? path : place) ?? []
  const exporter = { [name]: {} }
  return { meter_provider: { readers: [place.includes('.periodic.') ? { periodic: { exporter } } : pull] } }
}

/** Puts a value at a place like `meter_provider.readers[].pull`; of a list, into its first entry. */
function put(content: object, place: string, value: unknown): object {
  const keys = place.replaceAll('[]', '.0').split('.')
  const last = keys.pop() as string
  const parent = keys.reduce<Record<string, unknown>>(
    (inner, key) => {
      inner[key] ??= {}
      return inner[key] as Record<string, unknown>
    },
    content as Record<string, unknown>,
  )
  parent[last] = value
  return content
}

const at = (options: unknown, path: string) => path.split('.').reduce((inner, key) => Object(inner)[key], options)

describe('Each key of a configuration file', () => {
  let file: string
  before(() => {
    file = join(mkdtempSync(join(tmpdir(), 'meterkit-keys-')), 'config.yaml')
  })
  after(() => rmSync(dirname(file), { recursive: true, force: true }))

  /** The options of a file, which is YAML as all JSON is. */
  function read(content: object): object {
    writeFileSync(file, JSON.stringify({ file_format: '1.0', ...content }))
    return optionsFromFile(file).options
  }

  /** Reads a file that cannot be, and gives what is said of it. */
  function refusal(content: object): string {
    try {
      read(content)
    } catch (error) {
      expect(error).to.be.instanceOf(DefinitionError)
      return (error as Error).message
    }
    throw new Error('The file was taken.')
  }

  const own: string[] = []
  const standard = new Map<string, string>()
  forEachOption(TABLE, (path, { kind, file: place }) => {
    // What is in an object that only code can give is of code alone, too.
    if (kind.schema !== undefined) own.push(path)
    if (place !== undefined) standard.set(path, place)
  })

  it('is told of here', () => {
    expect(Object.keys(OWN).sort()).to.deep.equal(own.sort())
    expect(Object.keys(STANDARD).sort()).to.deep.equal([...standard.keys()].sort())
  })

  for (const [path, [value, bad, wanted, shown]] of Object.entries(OWN)) {
    const ownPart = (content: unknown) => ({ distribution: { meterkit: nested(path.split('.'), content) as object } })
    it(`gives ${path} in distribution.meterkit, or says what it must be`, () => {
      expect(at(read(ownPart(value)), path)).to.deep.equal(value)
      expect(refusal(ownPart(bad))).to.include(
        `: ${path} of distribution.meterkit in ${file} must be ${wanted}, got ${shown ?? received(bad)}. `,
      )
    })
  }

  for (const [path, [value, bad, wanted, option = value]] of Object.entries(STANDARD)) {
    const place = standard.get(path) ?? ''
    it(`gives ${path} at ${place}, or says what it must be`, () => {
      expect(at(read(put(around(place, path), place, value)), path)).to.deep.equal(option)
      const message = refusal(put(around(place, path), place, bad))
      const key = place.replaceAll('[]', '[0]')
      const [named] = [key, `${path} in ${file}`].filter((name) => message.includes(`: ${name} must `))
      expect(named, message).to.be.a('string')
      expect(message).to.include(` ${wanted}, got ${SHOWN[path] ?? received(bad)}. `)
    })
  }
})
