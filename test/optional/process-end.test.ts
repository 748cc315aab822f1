import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { until } from '../support/until'
import { JsonReceiver } from './receivers'

const root = join(__dirname, '../..')

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** How a process ends, and what it says when it does: with metrics and without, it must be the same. */
const ENDS: Readonly<Record<string, string>> = {
  'nothing is left to do': '',
  'it is told to by SIGTERM': `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1_000)`,
  'it is told to by SIGINT': `process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1_000)`,
  'a listener of SIGTERM exits in its own time': `
    process.on('SIGTERM', () => process.stdin.once('data', () => process.exit(7)))
    process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1_000)`,
  'an error is not caught': `setTimeout(() => { throw new TypeError('not caught') })`,
  'a promise is rejected': `Promise.reject(new RangeError('rejected'))`,
  'something else than an error is not caught': `setTimeout(() => { throw 'text' })`,
  'somebody watches for errors that are not caught': `
    process.on('uncaughtExceptionMonitor', ({ message }) => console.error('Error watched: ' + message))
    setTimeout(() => { throw new TypeError('not caught') })`,
  'somebody watches for promises that are rejected': `
    process.on('uncaughtExceptionMonitor', ({ message }) => console.error('Error watched: ' + message))
    Promise.reject(new RangeError('rejected'))`,
  'a listener of uncaught errors exits in its own time': `
    process.on('uncaughtException', () => process.stdin.once('data', () => process.exit(8)))
    setTimeout(() => { throw new TypeError('not caught') })`,
}

describe('A process that pushes', function () {
  this.timeout(60_000)

  let receiver: JsonReceiver
  beforeEach(async () => {
    receiver = new JsonReceiver()
    await receiver.start()
  })
  afterEach(() => receiver.stop())

  const pushed = (total: number) => () => (receiver.sums.get('orders_total') === total ? true : undefined)

  /** Runs it, and lets it read something once `isTime`: what ends in its own time does then. */
  async function run(program: string, isTime: () => true | undefined = () => true): Promise<Ended> {
    const child = spawn(process.execPath, ['-e', program], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_PATH: process.env.NODE_PATH,
        OTEL_METRICS_EXPORTER: 'otlp',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
      },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    // One that has ended reads nothing.
    child.stdin.on('error', () => undefined)
    const told = until('the push', isTime).finally(() => child.stdin.end('end'))
    const [errors] = await Promise.all([text(child.stderr), once(child, 'close'), told])
    return { code: child.exitCode, signal: child.signalCode, errors }
  }

  for (const [how, end] of Object.entries(ENDS)) {
    it(`has its last numbers arrive, and ends as any other, where ${how}`, async () => {
      const start = `
        const counter = require(${JSON.stringify(root)}).initMetrics().counter({ name: 'orders_total' })
        counter.add(41)
        setTimeout(() => { counter.add(1); END })`
      const withMetrics = await run(
        start.replace('END', () => end),
        pushed(42),
      )
      const plain = await run(`setTimeout(() => { ${end} })`)
      expect(receiver.sums.get('orders_total')).to.equal(42)
      expect({ code: withMetrics.code, signal: withMetrics.signal }).to.deep.equal({
        code: plain.code,
        signal: plain.signal,
      })
      expect(saidOf(withMetrics)).to.equal(saidOf(plain))
    })
  }

  for (const [what, begin, end, code] of [
    [
      'SIGTERM',
      `process.once('SIGTERM', () => process.stdin.once('data', () => process.exit(7)))`,
      `process.kill(process.pid, 'SIGTERM')`,
      7,
    ],
    [
      'uncaught errors',
      `process.once('uncaughtException', () => process.stdin.once('data', () => process.exit(8)))`,
      `throw new TypeError('not caught')`,
      8,
    ],
  ] as const) {
    it(`ends as a listener has it that listens once for ${what}, and did before metrics began`, async () => {
      const program = `
        ${begin}
        require(${JSON.stringify(root)}).initMetrics().counter({ name: 'orders_total' }).add(1)
        setInterval(() => {}, 1_000)
        setTimeout(() => { ${end} })`
      const ended = await run(program, pushed(1))
      expect({ ...ended, errors: '' }).to.deep.equal({ code, signal: null, errors: '' })
      expect(receiver.sums.get('orders_total')).to.equal(1)
    })
  }

  it('ends by a signal where several services push, and all of their numbers arrive', async () => {
    const ended = await run(`
      const { createMetrics, initMetrics } = require(${JSON.stringify(root)})
      initMetrics().counter({ name: 'orders_total' }).add(1)
      const otlp = { endpoint: process.env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT, protocol: 'http/json', temporality: 'delta' }
      createMetrics({ exporters: ['otlp'], otlp, http: false, runtime: false }).counter({ name: 'lookups_total' }).add(2)
      process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1_000)`)
    expect(ended.signal).to.equal('SIGTERM')
    expect([receiver.sums.get('orders_total'), receiver.sums.get('lookups_total')]).to.deep.equal([1, 2])
  })

  it('ends in good time where the receiver does not answer', async () => {
    receiver.treatment = () => (request) => void request.resume()
    const ended = await run(
      `require(${JSON.stringify(root)}).initMetrics().counter({ name: 'orders_total' }).add(1)
       process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1_000)`,
    )
    expect(ended.signal).to.equal('SIGTERM')
  })
})

/** The kind of error and its text: positions differ as the programs do. */
function saidOf({ errors }: Ended): string {
  return errors
    .split('\n')
    .filter((line) => /^(\w*Error|Uncaught|text)|thrown at/.test(line.trim()))
    .join('\n')
}
