import { join } from 'node:path'
import { expect } from 'chai'
import * as ts from 'typescript'

const root = join(__dirname, '../..')
const FIXTURE = join(root, 'test/facade/label-types.fixture.ts')

/** A program against the package's types. A line that must not compile ends in `// error`; no other may fail. */
const SOURCE = `
import {
  type Counter,
  createMetrics,
  type Gauge,
  type Histogram,
  type Info,
  type Labels,
  type MetricsOptions,
  type Observable,
  type StateSet,
  type UpDownCounter,
} from 'meterkit'

const metrics = createMetrics()
const plain = metrics.counter({ name: 'plain_total' })
const orders = metrics.counter({ name: 'orders_total', labelNames: ['region', 'tier'] })
const depth = metrics.gauge({ name: 'depth', labelNames: ['queue'] })
const open = metrics.upDownCounter({ name: 'open', labelNames: ['queue'] })
const latency = metrics.histogram({ name: 'latency_seconds', labelNames: ['route'], buckets: [1, 2] })

plain.add()
plain.add(2)
plain.add(1, {})
plain.add(1, { region: 'eu' }) // error
plain.bind({ region: 'eu' }) // error
plain.bind().add()
plain.bind({}).add()
metrics.gauge({ name: 'size' }).bind().set(1)
metrics.upDownCounter({ name: 'size' }).bind().add(1)
metrics.histogram({ name: 'size' }).bind().record(1)
metrics.stateSet({ name: 'state', states: ['a', 'b'] }).bind().set('a')
metrics.stateSet({ name: 'state', states: ['a', 'b'], labelNames: ['queue'] }).bind() // error

orders.add() // error
orders.add(1) // error
orders.add(undefined, { region: 'eu', tier: 'gold' })
orders.add(1, { region: 'eu', tier: 'gold' })
orders.add(1, { tier: 1, region: true })
orders.add(1, { region: 'eu' }) // error
orders.add(1, { region: 'eu', tier: 'gold', city: 'x' }) // error
orders.add(1, { region: 'eu', teir: 'gold' }) // error
orders.add(1, { region: 'eu', tier: undefined }) // error
orders.add(1, { region: 'eu', tier: null }) // error
orders.add(1, { region: 'eu', tier: ['gold'] }) // error
orders.add(1, { region: 'eu', tier: new Date() }) // error
orders.add('1', { region: 'eu', tier: 'gold' }) // error
orders.add(1n) // error
orders.bind({ region: 'eu', tier: 'gold' }).add()
orders.bind({ region: 'eu', tier: 'gold' }).add('1') // error
orders.bind({ region: 'eu' }) // error
orders.bind({}) // error
orders.bind() // error
orders.remove({ region: 'eu' }) // error
orders.set(1) // error
const labels: Labels<'region' | 'tier'> = { region: 'eu', tier: 'gold' }
orders.add(1, labels)
labels.region = 'us' // error

depth.set(1, { queue: 'in' })
depth.set() // error
depth.set(1) // error
depth.add(1) // error
depth.set(1, { queu: 'in' }) // error
depth.add(-1, { queue: 'in' })
depth.bind({ queue: 'in' }).set(1)
depth.bind({ queue: 'in' }).record(1) // error

open.add(-1, { queue: 'in' })
open.add() // error
open.add(1) // error

latency.record(1, { route: '/' })
latency.record(1) // error
latency.record(1, { path: '/' }) // error
latency.startTimer()({ route: '/' })
latency.startTimer({ route: '/' })()
latency.startTimer({ path: '/' }) // error
latency.startTimer()({ path: '/' }) // error
const seconds: number = latency.startTimer()()
const text: string = latency.startTimer()() // error
const value: number = latency.time(() => 5, { route: '/' })
const later: Promise<number> = latency.time(async () => 5, { route: '/' })
const wrong: string = latency.time(() => 5, { route: '/' }) // error
latency.time(() => 5) // error
latency.time(() => 5, { path: '/' }) // error

metrics.observableGauge({ name: 'size', labelNames: ['queue'], callback: (result) => result.observe(1, { queue: 'in' }) })
metrics.observableGauge({ name: 'size', labelNames: ['queue'], callback: (result) => result.observe(1, { path: 'in' }) }) // error
metrics.observableGauge({ name: 'size', labelNames: ['queue'], callback: (result) => result.observe(1) }) // error
metrics.observableGauge({ name: 'size', callback: (result) => result.observe(1, { queue: 'in' }) }) // error
metrics.observableGauge({ name: 'size', callback: async (result) => result.observe(1) })
metrics.observableGauge({ name: 'size', callback: (result) => result.observe('1') }) // error

metrics.counter({ labelNames: ['a'] }) // error
metrics.counter({ name: 'x', labels: ['a'] }) // error
metrics.counter({ name: 'x', labelNames: 'a' }) // error
metrics.counter({ name: 'x', buckets: [1] }) // error
metrics.histogram({ name: 'x', buckets: ['1'] }) // error

const names = ['a', 'b'] as const
metrics.counter({ name: 'x', labelNames: names }).add(1, { a: 1, b: 2 })
metrics.counter({ name: 'x', labelNames: names }).add(1, { a: 1 }) // error
const dynamic: string[] = ['a']
metrics.counter({ name: 'x', labelNames: dynamic }).add(1, { anything: 'goes' })

const sizes = metrics.observableGauge({ name: 'sizes', labelNames: ['queue'] })
const totals = metrics.observableCounter({ name: 'totals_total' })
metrics.addBatchCallback((result) => {
  result.observe(sizes, 1, { queue: 'in' })
  result.observe(totals, 1)
  result.observe(totals, 1, { queue: 'in' }) // error
  result.observe(sizes, 1, { path: 'in' }) // error
  result.observe(sizes, 1) // error
}, [sizes, totals])

function count<L extends string>(counter: Counter<L>, labels: Labels<L>) {
  counter.add(1, labels)
}
count(orders, labels)
count(plain, {})

const state = metrics.stateSet({ name: 'state', states: ['a', 'b'], labelNames: ['queue'] })
const build = metrics.info({ name: 'build_info', labelNames: ['version'] })
const same: Counter<'tier' | 'region'> = orders
const fewer: Counter<'region'> = orders // error
const more: Counter<'region' | 'tier' | 'city'> = orders // error
const none: Counter = orders // error
const some: Counter<'region'> = plain // error
const others = {
  gauge: depth satisfies Gauge<'queue'>,
  gauges: depth satisfies Gauge, // error
  sum: open satisfies UpDownCounter, // error
  latency: latency satisfies Histogram, // error
  sizes: sizes satisfies Observable, // error
  state: state satisfies StateSet<'a' | 'b'>, // error
  states: state satisfies StateSet<'a', 'queue'>, // error
  build: build satisfies Info, // error
}

const nothing: MetricsOptions = {
  serviceName: undefined,
  otlp: undefined,
  prometheus: { port: undefined, endpoints: { '/a': { include: undefined } } },
  push: { url: undefined },
  http: { client: { host: undefined }, labels: { names: ['a'], of: () => ({}), limit: undefined } },
}
metrics.histogram({ name: 'x', help: undefined, buckets: undefined, native: { scale: undefined } })
metrics.observableGauge({ name: 'x', callback: undefined, labelNames: undefined })
metrics.info({ name: 'x', labels: undefined })
metrics.instrumentBreaker({}, { name: 'x', adapter: undefined, plugin: undefined })
metrics.instrumentBus({}, { name: 'x', topic: undefined, timeoutMs: undefined })
metrics.instrumentAll({ buses: undefined })
metrics.instrumentPublish(() => 5, { name: 'x', topic: 'y', events: undefined })

export { fewer, more, none, nothing, others, same, some }
export { later, seconds, text, value, wrong }
`

describe('Label names', () => {
  it('are checked by the compiler, and nothing else is refused', function () {
    this.timeout(60_000)
    const lines = SOURCE.split('\n')
    const expected = lines.flatMap((line, index) => (line.endsWith('// error') ? [`${index + 1}: ${line}`] : []))
    const failing = new Set(diagnosticsOf(SOURCE).map((line) => `${line + 1}: ${lines[line]}`))
    expect([...failing]).to.deep.equal(expected)
  })
})

/** The lines of the fixture that the compiler complains of, under the strict options of this project. */
function diagnosticsOf(source: string): number[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [FIXTURE] }, ts.sys, root)
  const host = ts.createCompilerHost(options)
  const getSourceFile = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) =>
    name === FIXTURE ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2023) : getSourceFile(name, ...rest)
  host.fileExists = (name) => name === FIXTURE || ts.sys.fileExists(name)
  const program = ts.createProgram([FIXTURE], options, host)
  const file = program.getSourceFile(FIXTURE)
  if (file === undefined) throw new Error('the fixture was not compiled')
  return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
    ({ start = 0 }) => file.getLineAndCharacterOfPosition(start).line,
  )
}
