import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { samplesOf } from '../support/page'
import { until } from '../support/until'
import { Setting } from './setting'

const APP = join(__dirname, 'apps/next')
const BUILD_FILE = '/_next/static/chunks/….js'

/** Its name is new with each build. */
function buildFile(): string {
  const file = readdirSync(join(APP, '.next/static/chunks')).find((name) => name.endsWith('.js'))
  return BUILD_FILE.replace('….js', String(file))
}

describe('Next.js as `next start` starts it, with meterkit/register in NODE_OPTIONS', () => {
  let setting: Setting
  let server: ChildProcess
  let url: string
  let metricsUrl: string

  before(async () => {
    setting = new Setting(1)
    await setting.built('next')
    server = spawn(process.execPath, ['node_modules/.bin/next', 'start', APP, '--port', '0'], {
      cwd: __dirname,
      env: { ...process.env, NODE_OPTIONS: '--import meterkit/register', OTEL_EXPORTER_PROMETHEUS_PORT: '0' },
    })
    let output = ''
    for (const stream of [server.stdout, server.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    const find = (pattern: RegExp) => until(`${pattern} in "${output}"`, () => pattern.exec(output)?.[1])
    metricsUrl = await find(/metrics are at (\S+)/)
    url = await find(/Local: +(http:\S+)/)
    await find(/(Ready in)/)
  })

  after(async () => {
    if (server?.exitCode === null) {
      server.kill('SIGKILL')
      await once(server, 'exit')
    }
    setting.end()
  })

  const series: Readonly<Record<string, string>> = {
    '/page/one': 'path="/page/[name]",status_code="200"',
    '/old/one': 'path="/old/[name]",status_code="200"',
    '/short/one': 'path="/page/[name]",status_code="200"',
    '/robots.txt': 'path="(unmatched)",status_code="200"',
    [BUILD_FILE]: 'path="/_next/static/*",status_code="200"',
    '/_next/static/none.js': 'path="(unmatched)",status_code="404"',
  }
  for (const [path, labels] of Object.entries(series)) {
    it(`counts ${path} as ${labels}`, async () => {
      const ask = async () => (await fetch(url + (path === BUILD_FILE ? buildFile() : path))).text()
      await counts(`method="GET",${labels}`, ask)
    })
  }

  it('counts a server action as a request for its page', async () => {
    const page = `${url}/action/one`
    let form = ''
    await counts('method="GET",path="/action/[name]",status_code="200"', async () => {
      form = await (await fetch(page)).text()
    })
    const action = /name="(\$ACTION_ID_\w+)"/.exec(form)?.[1]
    expect(action, form).to.not.equal(undefined)
    const body = new FormData()
    body.append(String(action), '')
    await counts('method="POST",path="/action/[name]",status_code="200"', async () => {
      await (await fetch(page, { method: 'POST', body })).text()
    })
  })

  it('counts a request for the data of a page as one for the page', async () => {
    const askForData = (path: string) => fetch(url + path, { headers: { rsc: '1' }, redirect: 'manual' })
    let place = ''
    // Next.js wants a mark of its own in the target.
    await counts('method="GET",path="/page/[name]",status_code="307"', async () => {
      place = String((await askForData('/page/one')).headers.get('location'))
    })
    await counts('method="GET",path="/page/[name]",status_code="200"', async () => {
      const answer = await askForData(place)
      expect(answer.headers.get('content-type')).to.equal('text/x-component')
      await answer.text()
    })
  })

  /** Has one request sent and checks that it is counted in the series with these labels, and in no other. */
  async function counts(labels: string, ask: () => Promise<unknown>): Promise<void> {
    const all = async () => {
      const samples = samplesOf(await (await fetch(metricsUrl)).text())
      return [...samples].filter(([name]) => name.startsWith('http_requests_total{'))
    }
    const before = new Map(await all())
    await ask()
    const more = await until('a count', async () => {
      const changed = (await all()).filter(([name, value]) => value !== (before.get(name) ?? 0))
      return changed.length > 0 ? changed : undefined
    })
    const wanted = `http_requests_total{${labels}}`
    expect(more).to.deep.equal([[wanted, (before.get(wanted) ?? 0) + 1]])
  }
})
