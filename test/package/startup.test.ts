import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pack, type Tarball } from './tarball'

const root = join(__dirname, '../..')

/**
 * An application: an Express route, asked twice by `http.get` and twice by `fetch`. Then it prints what was counted.
 * `load` lists what it imports, in its order; `metrics` is where it starts or gets its metrics: before its server is made,
 * or when that listens already.
 */
function application(load: readonly string[], metrics: { readonly before?: string; readonly late?: string }): string {
  return `
${load.join('\n')}
${metrics.before ?? ''}
const app = express()
app.get('/users/:id', (request, response) => response.send(request.params.id))
const server = createServer(app)
server.listen(0, '127.0.0.1', async () => {
  const { port } = server.address()
  const url = 'http://127.0.0.1:' + port + '/users/'
  const byGet = (id) => new Promise((resolve, reject) =>
    get(url + id, (response) => response.resume().on('end', resolve)).on('error', reject))
  ${metrics.late ?? ''}
  await byGet(1)
  await (await fetch(url + 2)).text()
  await byGet(3)
  await (await fetch(url + 4)).text()
  const counts = async () => (await service.render()).body.split('\\n').filter((line) => /^http_(client_)?requests_total/.test(line))
  let lines = []
  for (let turn = 0; turn < 200 && lines.filter((line) => line.endsWith(' 4')).length < 2; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    lines = await counts()
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
  console.log((await counts()).join('\\n').replaceAll(String(port), 'PORT'))
  await service.shutdown()
  server.close()
  server.closeAllConnections()
  process.exit()
})
`
}

const counted = [
  'http_client_requests_total{method="GET",host="127.0.0.1:PORT",status_code="200"} 4',
  'http_requests_total{method="GET",path="/users/:id",status_code="200"} 4',
  '',
].join('\n')

const options = `{ serviceName: 'startup', prometheus: { port: 0 } }`
const starts = `const service = initMetrics(${options})`
const gets = 'const service = getMetrics()'
const afterwards = 'const service = metrics()'

const required = `const express = require('express'); const { createServer, get } = require('node:http')`
const wholeRequired = `const express = require('express'); const http = require('node:http'); const createServer = (...args) => http.createServer(...args), get = (...args) => http.get(...args)`
const requires = `const { initMetrics, getMetrics } = require('meterkit')`
const named = `import express from 'express'; import { createServer, get } from 'node:http'`
const whole = `import express from 'express'; import http from 'node:http'; const { createServer, get } = http`
const space = `import express from 'express'; import * as http from 'node:http'; const { createServer, get } = http`
const imports = `import { initMetrics, getMetrics } from 'meterkit'`
const wholeImports = `import meterkit from 'meterkit'; const { initMetrics, getMetrics } = meterkit`
const dynamic = `const express = (await import('express')).default; const { createServer, get } = await import('node:http')`

const programs: Readonly<Record<string, string>> = {
  'before.cjs': application([requires, starts, required], {}),
  'before-whole.cjs': application([requires, starts, wholeRequired], {}),
  'after.cjs': application([required, requires], { before: starts }),
  'late.cjs': application([required, requires], { late: starts }),
  'zero.cjs': application([required, requires], { late: gets }),
  'again.cjs': application([required, requires], { before: 'const service = initMetrics()' }),
  'named.mjs': application([imports, named], { before: starts }),
  'whole.mjs': application([whole, wholeImports], { before: starts }),
  'space.mjs': application([space, imports], { before: starts }),
  'dynamic.mjs': application([imports, starts, dynamic], {}),
  'late.mjs': application([named, imports], { late: starts }),
  'zero.mjs': application([named, imports], { late: gets }),
  'zero-whole.mjs': application([whole, wholeImports], { late: gets }),
  'again.mjs': application([imports, named], { before: 'const service = initMetrics()' }),
  'metrics.mjs': `${imports}\nexport const metrics = () => getMetrics()\ninitMetrics(${options})`,
  'first-import.mjs': application([`import { metrics } from './metrics.mjs'`, named], { before: afterwards }),
  'last-import.mjs': application([named, `import { metrics } from './metrics.mjs'`], { before: afterwards }),
}

const flags = {
  import: ['--import', 'meterkit/register'],
  require: ['--require', 'meterkit/register'],
  both: ['--require', 'meterkit/register', '--import', 'meterkit/register'],
} as const

describe('an application that is measured, however it is started', function () {
  this.slow(10_000)
  let tarball: Tarball
  let folder: string

  function run(file: string, args: readonly string[] = [], nodeOptions = '', complaint = ''): void {
    const env = { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0', NODE_OPTIONS: nodeOptions }
    const child = spawnSync(process.execPath, [...args, file], { cwd: folder, encoding: 'utf8', timeout: 60_000, env })
    expect(child.stderr.replaceAll(/^meterkit: metrics are at .*\n/gm, ''), 'what it complained about').to.equal(
      complaint,
    )
    expect(child.stdout).to.equal(counted)
    expect(child.status).to.equal(0)
  }

  function bundle(entry: string, out: string, ...args: string[]): void {
    const esbuild = join(__dirname, 'node_modules/.bin/esbuild')
    const common = ['--bundle', '--platform=node', '--target=node22', '--log-level=warning', `--outfile=${out}`]
    const child = spawnSync(esbuild, [entry, ...common, ...args], { cwd: folder, encoding: 'utf8' })
    expect(child.stderr).to.equal('')
    expect(child.status).to.equal(0)
  }

  before(() => {
    tarball = pack()
    folder = join(tarball.folder, 'startup')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'startup', private: true }))
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball.path], {
      cwd: folder,
      stdio: 'pipe',
    })
    symlinkSync(join(root, 'node_modules/express'), join(folder, 'node_modules/express'))
    for (const [file, source] of Object.entries(programs)) writeFileSync(join(folder, file), source)
  })

  after(() => rmSync(tarball.folder, { recursive: true, force: true }))

  for (const file of Object.keys(programs).filter((name) => !/^(zero|again|metrics)/.test(name))) {
    it(`${file}, which starts its metrics itself`, () => run(file))
  }

  for (const file of Object.keys(programs).filter((name) => /^(zero|again)/.test(name))) {
    it(`${file}, with --import`, () => run(file, flags.import))
    it(`${file}, with --require`, () => run(file, flags.require))
  }

  it('first-import.mjs, with --import, whose own options come too late', () => {
    const complaint = 'meterkit: warning: initMetrics was called again: its options are not used.\n'
    run('first-import.mjs', flags.import, '', complaint)
  })

  for (const file of ['zero.cjs', 'zero.mjs']) {
    it(`${file}, with --import and --require`, () => run(file, flags.both))
    it(`${file}, with NODE_OPTIONS`, () => run(file, [], '--import meterkit/register'))
    it(`${file}, with NODE_OPTIONS and --require`, () =>
      run(file, ['--require', 'meterkit/register'], '--import meterkit/register'))
  }

  for (const file of ['before.cjs', 'after.cjs', 'late.cjs', 'named.mjs']) {
    it(`${file} as a bundle in CommonJS`, () => {
      bundle(file, 'bundle.cjs', '--format=cjs')
      run('bundle.cjs')
    })
  }

  it('named.mjs as a bundle in ESM, which takes require from a banner', () => {
    const banner = `--banner:js=import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
    bundle('named.mjs', 'bundle.mjs', '--format=esm', banner)
    run('bundle.mjs')
  })

  it('named.mjs as a bundle that leaves packages outside', () => {
    bundle('named.mjs', 'outside.mjs', '--format=esm', '--packages=external')
    run('outside.mjs')
  })

  it('again.mjs as a bundle of its own copy, with --import of another', () => {
    bundle('again.mjs', 'again-bundle.cjs', '--format=cjs')
    run('again-bundle.cjs', flags.import)
  })

  it('again.cjs with two copies of the package', () => {
    const copy = join(folder, 'copy')
    cpSync(join(folder, 'node_modules/meterkit'), join(copy, 'node_modules/meterkit'), { recursive: true })
    writeFileSync(join(copy, 'again.cjs'), programs['again.cjs'] ?? '')
    run(join('copy', 'again.cjs'), flags.import)
  })
})
