import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { buildFault } from '../docs/programs'

const root = join(__dirname, '../..')
const register = join(root, 'dist/register.js')

interface Ended {
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

describe('meterkit/register', function () {
  this.timeout(60_000)
  this.slow(5_000)

  let folder: string
  before(() => {
    expect(buildFault()).to.equal(undefined)
    folder = mkdtempSync(join(tmpdir(), 'meterkit-register-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs a program, which must end by itself, with `register` loaded in front of it. */
  async function run(source: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const file = join(folder, 'app.cjs')
    writeFileSync(file, `const meterkit = ${JSON.stringify(root)}\n${source}`)
    const child = spawn(process.execPath, [file], {
      env: {
        PATH: process.env.PATH,
        NODE_OPTIONS: `--require ${JSON.stringify(register)}`,
        OTEL_EXPORTER_PROMETHEUS_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 50_000,
    })
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    return { code: child.exitCode, output: output.trim(), errors: errors.trim() }
  }

  const AT = /^meterkit: metrics are at http:\/\/(localhost|127\.0\.0\.1):\d+\/metrics \(prometheus\.host .*\)$/

  it('starts the service that initMetrics and getMetrics then return, and lets the process end', async () => {
    const { code, output, errors } = await run(
      `const { getMetrics, initMetrics } = require(meterkit)
       const metrics = initMetrics()
       metrics.ready().then(async ({ url }) => {
         const page = await (await fetch(url)).text()
         console.log(getMetrics() === metrics, page.match(/^target_info.*$/m)[0])
       })`,
      {
        OTEL_SERVICE_NAME: 'orders',
        OTEL_RESOURCE_ATTRIBUTES: 'team=eu',
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      },
    )
    expect(errors).to.match(AT)
    expect(output).to.match(/^true target_info\{.*service_name="orders".*team="eu".*\} 1$/)
    expect(code).to.equal(0)
  })

  it('says that options of the code come too late', async () => {
    const { errors } = await run(`require(meterkit).initMetrics({ serviceName: 'late' })`)
    expect(errors).to.include('initMetrics was called again: its options are not used.')
  })

  it('leaves a process as it is whose port is taken, or no port: one line tells', async () => {
    const taken: Server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const program = `setTimeout(() => console.log('done', process.exitCode), 100)`
    try {
      const busy = await run(program, {
        OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
        OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
      })
      expect(busy.errors).to.match(/^meterkit: error: Cannot listen on "127\.0\.0\.1:\d+": the port must be free.*$/)
      expect([busy.output, busy.code]).to.deep.equal(['done undefined', 0])
      const unusable = await run(program, { OTEL_EXPORTER_PROMETHEUS_HOST: 'no-such-host.invalid' })
      expect(unusable.errors).to.match(/^meterkit: error: Cannot listen on "no-such-host\.invalid:0".*$/)
      expect([unusable.output, unusable.code]).to.deep.equal(['done undefined', 0])
    } finally {
      taken.close()
    }
    const wrong = await run(program, {
      OTEL_EXPORTER_PROMETHEUS_PORT: 'metrics',
      OTEL_EXPORTER_PROMETHEUS_HOST: 'no-such-host.invalid',
    })
    expect(wrong.errors.split('\n')[0]).to.equal(
      'meterkit: warning: OTEL_EXPORTER_PROMETHEUS_PORT must be a whole number from 0 to 65535, got "metrics". Unset it for the default.',
    )
    expect([wrong.output, wrong.code]).to.deep.equal(['done undefined', 0])
  })

  it('leaves a process as it is where a package is missing', async () => {
    writeFileSync(
      join(folder, 'without.cjs'),
      `const { Module } = require('node:module')
       const load = Module._load
       Module._load = (name, ...rest) => {
         if (name === '@opentelemetry/api') throw new Error("Cannot find module '@opentelemetry/api'")
         return load(name, ...rest)
       }`,
    )
    const missing = await run(`console.log('works')`, {
      NODE_OPTIONS: `--require ${JSON.stringify(join(folder, 'without.cjs'))} --require ${JSON.stringify(register)}`,
    })
    expect(missing).to.deep.equal({
      code: 0,
      output: 'works',
      errors: "meterkit: error: metrics could not be started: Cannot find module '@opentelemetry/api'",
    })
  })

  it('gives worker threads and child processes a service without an endpoint, silently', async () => {
    const { code, output, errors } = await run(`
      const { isMainThread, Worker } = require('node:worker_threads')
      const { execFile } = require('node:child_process')
      const role = isMainThread ? process.argv[2] ?? 'main' : 'thread'
      require(meterkit).getMetrics().ready().then(({ url }) => {
        console.log(role, url === '' ? 'has none' : 'has an endpoint')
        if (role !== 'main') return
        new Worker(__filename).on('exit', () =>
          execFile(process.execPath, [__filename, 'child'], (error, stdout, stderr) => console.log(stdout + stderr)))
      })`)
    expect(output.split('\n')).to.deep.equal(['main has an endpoint', 'thread has none', 'child has none'])
    expect(errors).to.match(AT)
    expect(code).to.equal(0)
  })

  it("gives a cluster's workers the endpoints for which they are given ports, each its own", async () => {
    const { code, output, errors } = await run(
      `
      const cluster = require('node:cluster')
      const net = require('node:net')
      const free = () => new Promise((resolve) => {
        const server = net.createServer().listen(0, '127.0.0.1', () => {
          const { port } = server.address()
          server.close(() => resolve(port))
        })
      })
      async function main() {
        const ports = [await free(), await free()]
        for (const port of ports) cluster.fork({ OTEL_EXPORTER_PROMETHEUS_PORT: port })
        cluster.fork()
        const urls = await Promise.all(Object.values(cluster.workers).map((worker) =>
          new Promise((resolve) => worker.once('message', resolve))))
        console.log(urls.map((url) => ports.findIndex((port) => url.includes(':' + port + '/'))).join())
        for (const url of urls.slice(0, 2)) {
          const pages = []
          for (let n = 0; n < 4; n++) pages.push((await (await fetch(url)).text()).match(/^whoami\\{.*$/m)[0])
          console.log(new Set(pages).size)
        }
        cluster.disconnect()
      }
      if (cluster.isPrimary) main()
      else {
        const metrics = require(meterkit).getMetrics()
        metrics.gauge({ name: 'whoami', labelNames: ['pid'] }).set(1, { pid: process.pid })
        metrics.ready().then(({ url }) => process.send(url))
      }`,
      { OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1' },
    )
    expect(output.split('\n')).to.deep.equal(['0,1,-1', '1', '1'])
    expect(errors.split('\n')).to.have.lengthOf(3)
    for (const line of errors.split('\n')) expect(line).to.match(AT)
    expect(code).to.equal(0)
  })
})
