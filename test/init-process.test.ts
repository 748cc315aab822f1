import { spawn } from 'node:child_process'
import { createServer, get } from 'node:http'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { buildFault } from './docs/programs'

const ROOT = join(__dirname, '..')
/** How long a program may take that ends by itself, starting up included. */
const PATIENCE_MS = 60_000

interface Ended {
  /** `null` where it had to be killed. */
  readonly code: number | null
  readonly output: string
}

/** Runs a program that knows `meterkit`, as it was built; `onOutput` sees what it has printed so far. */
function run(program: string, onOutput: (output: string) => void = () => undefined): Promise<Ended> {
  const source = `const meterkit = require(${JSON.stringify(ROOT)})\n${program}`
  const child = spawn(process.execPath, ['-e', source])
  const killer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput(output)
    })
  }
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(killer)
      resolve({ code, output })
    })
  })
}

describe('A process with metrics', function () {
  this.timeout(2 * PATIENCE_MS)

  before(() => {
    expect(buildFault()).to.equal(undefined)
  })

  describe('whose port is taken', () => {
    const blocker = createServer()
    let refusal = ''
    let port = 0

    before(async () => {
      await new Promise<void>((resolve) => blocker.listen(0, 'localhost', resolve))
      port = (blocker.address() as { port: number }).port
      refusal = `Cannot listen on "localhost:${port}": the port must be free, got one that is taken. Set prometheus.port, or 0 for any.`
    })
    after(() => blocker.close())

    it('goes on where nobody awaits ready(), and has the reason in its log', async () => {
      const { code, output } = await run(`
        const metrics = meterkit.initMetrics({ prometheus: { port: ${port} } })
        metrics.counter({ name: 'jobs_total' }).add()
        const { error } = console
        console.error = (line) => {
          error(line)
          metrics.render().then(({ body }) => console.log(/^jobs_total .*/m.exec(body)[0]))
        }`)
      expect(output.split('\n')).to.have.members([`meterkit: error: ${refusal}`, 'jobs_total 1', ''])
      expect(code).to.equal(0)
    })

    it('gets the reason from ready()', async () => {
      const { code, output } = await run(`
        const metrics = meterkit.initMetrics({ prometheus: { port: ${port} }, logger: false })
        metrics.ready().then(() => console.log('listens'), (error) => console.log(error.message))`)
      expect(output).to.equal(`${refusal}\n`)
      expect(code).to.equal(0)
    })
  })

  it('ends by itself when its own work is over, the endpoint, the readers and a callback notwithstanding', async () => {
    const { code, output } = await run(`
      const metrics = meterkit.initMetrics({ prometheus: { port: 0 }, exporters: ['prometheus', 'console'], logger: false })
      metrics.observableGauge({ name: 'depth', callback: async (result) => result.observe(1) })
      metrics.ready().then(({ url }) => console.log(url))`)
    expect(output, 'the last flush').to.match(/^http:\/\/localhost:\d+\/metrics\n[\s\S]*name: 'depth'/)
    expect(code).to.equal(0)
  })

  it('ends by itself while a scraper keeps its connection open', async () => {
    let page = ''
    let scraped = false
    const { code } = await run(
      `
      const metrics = meterkit.initMetrics({ prometheus: { port: 0 }, logger: false })
      // The work of this process: it lasts until the scrape was answered.
      const working = setInterval(() => undefined, 1_000)
      require('node:diagnostics_channel').subscribe('http.server.response.finish', () => clearInterval(working))
      metrics.ready().then(({ url }) => console.log(url))`,
      (output) => {
        const [url] = /http\S+/.exec(output) ?? []
        if (url === undefined || scraped) return
        scraped = true
        const { hostname, port } = new URL(url)
        // A connection that is kept alive after its answer, and one that never asks for anything.
        createConnection(Number(port), hostname).on('error', () => undefined)
        get(url, { headers: { connection: 'keep-alive' } }, (response) => {
          response.setEncoding('utf8').on('data', (text: string) => {
            page += text
          })
        }).on('error', () => undefined)
      },
    )
    expect(page).to.contain('nodejs_version_info')
    expect(code).to.equal(0)
  })

  it('can await its shutdown at the very end, be the rest over', async () => {
    const { code, output } = await run(`
      const metrics = meterkit.initMetrics({ prometheus: { port: 0 }, logger: false })
      metrics.ready().then(() => metrics.shutdown()).then(() => console.log('closed'))`)
    expect(output).to.equal('closed\n')
    expect(code).to.equal(0)
  })
})
