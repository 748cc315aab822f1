import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pack, type Tarball } from './tarball'

const root = join(__dirname, '../..')

/** What an application does with the library, from the first call to the last. */
const program = `
async function main() {
  const metrics = initMetrics({ serviceName: 'consumer', prometheus: { port: 0 } })
  const orders = metrics.counter({ name: 'orders_placed_total', help: 'Orders placed', labelNames: ['region'] })
  orders.add(2, { region: 'eu' })
  const { url } = await metrics.ready()
  const line = /^orders_placed_total.*$/m
  console.log((await (await fetch(url)).text()).match(line)?.[0])
  console.log((await metrics.render()).body.toString().match(line)?.[0])
  console.log('the same:', getMetrics() === metrics)

  const isolated = createMetrics({ prometheus: { server: false }, http: false, runtime: false })
  isolated.gauge({ name: 'queue_jobs', help: 'Jobs that wait' }).set(3)
  console.log((await isolated.render()).body.toString().match(/^queue_jobs.*$/m)?.[0])
  await isolated.shutdown()
  if (process.argv[2] === 'shutdown') await metrics.shutdown()
}
main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
`

const printed = [
  'orders_placed_total{region="eu"} 2',
  'orders_placed_total{region="eu"} 2',
  'the same: true',
  'queue_jobs 3',
  '',
].join('\n')

const wrongCalls = `
const service: MetricsService = createMetrics({ prometheus: { server: false } })
const counter = service.counter({ name: 'calls_total', help: 'Calls', labelNames: ['region', 'tier'] })
counter.add(1, { region: 'eu', tier: 'gold' })
// @ts-expect-error: a label that was not declared
counter.add(1, { region: 'eu', tier: 'gold', zone: 'a' })
// @ts-expect-error: a misspelt label
counter.bind({ regoin: 'eu', tier: 'gold' })
// @ts-expect-error: labels on an instrument that has none
service.gauge({ name: 'level', help: 'Level' }).set(1, { region: 'eu' })
`

const named = 'createMetrics, getMetrics, initMetrics'

const projects = [
  {
    type: 'commonjs',
    plain: `const { ${named} } = require('meterkit')\n${program}`,
    typed: `import { ${named}, type MetricsService } from 'meterkit'\n${program}${wrongCalls}`,
  },
  {
    type: 'module',
    plain: `import { ${named} } from 'meterkit'\n${program}`,
    typed: `import { ${named} } from 'meterkit'\nimport type { MetricsService } from 'meterkit'\n${program}${wrongCalls}`,
  },
] as const

interface InstalledPackage {
  readonly version: string
  readonly hasInstallScript?: boolean
}

let tarball: Tarball

before(() => {
  tarball = pack()
})

after(() => rmSync(tarball.folder, { recursive: true, force: true }))

for (const { type, plain, typed } of projects) {
  describe(`a new project of "type": "${type}" that installs the tarball`, () => {
    let folder: string

    function run(file: string, ...args: string[]) {
      const child = spawnSync(process.execPath, [file, ...args], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
      expect(child.stderr.replaceAll(/^meterkit.*\n/gm, ''), 'what the program complained about').to.equal('')
      expect(child.signal, 'the program did not end by itself').to.equal(null)
      expect(child.stdout).to.equal(printed)
      expect(child.status).to.equal(0)
    }

    before(() => {
      folder = join(tarball.folder, type)
      mkdirSync(folder)
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type }))
      execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball.path], {
        cwd: folder,
        stdio: 'pipe',
      })
    })

    it('gets one copy of each OpenTelemetry package, and no install script', () => {
      const lockfile = readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8')
      const { packages } = JSON.parse(lockfile) as { packages: Readonly<Record<string, InstalledPackage>> }
      const paths = Object.keys(packages)
      expect(paths).to.include.members(['node_modules/meterkit', 'node_modules/@opentelemetry/api'])
      expect(paths.filter((path) => /node_modules\/.*node_modules\/@opentelemetry\//.test(path))).to.deep.equal([])
      expect(paths.filter((path) => packages[path]?.hasInstallScript === true)).to.deep.equal([])
      const { status, stdout } = spawnSync('npm', ['ls', '--all'], { cwd: folder, encoding: 'utf8' })
      expect(status, stdout).to.equal(0)
    })

    it('gets no library of a bus, a breaker or a framework that meterkit measures, and asks for none', () => {
      const measured = ['test/brokers', 'test/breakers', 'test/frameworks', '.'].flatMap((workspace) => {
        const manifest = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'))
        return Object.keys(manifest.devDependencies)
      })
      expect(measured).to.include.members(['kafkajs', 'bullmq', 'ioredis', 'mollitia', 'opossum', 'express'])
      const manifest = JSON.parse(readFileSync(join(folder, 'node_modules/meterkit/package.json'), 'utf8'))
      const own = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
      const { stdout } = spawnSync('npm', ['ls', '--all', '--parseable'], { cwd: folder, encoding: 'utf8' })
      const installed = stdout.split('\n').map((path) => path.replace(/^.*node_modules\//, ''))
      expect(installed).to.include('meterkit')
      expect(measured.filter((name) => installed.includes(name) && !own.includes(name))).to.deep.equal([])

      const dist = join(folder, 'node_modules/meterkit/dist')
      const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
      const asked = files.flatMap((file) =>
        [...readFileSync(join(dist, file), 'utf8').matchAll(/\b(?:require|import)\("([^".][^"]*)"\)/g)].map(
          ([, name]) => name,
        ),
      )
      const strange = asked.filter((name = '') => !name.startsWith('node:') && !own.includes(name))
      expect(strange).to.deep.equal([])
    })

    it('gets the command meterkit, which says what would be and why it cannot', () => {
      const command = join(folder, 'node_modules/.bin/meterkit')
      const ask = (env: NodeJS.ProcessEnv) =>
        spawnSync(command, ['config', '--json'], {
          cwd: folder,
          encoding: 'utf8',
          env: { PATH: process.env.PATH, ...env },
        })
      const told = ask({ OTEL_SERVICE_NAME: 'consumer' })
      expect(told.stderr).to.equal('')
      expect(JSON.parse(told.stdout).serviceName).to.deep.equal({ value: 'consumer', from: 'OTEL_SERVICE_NAME' })
      expect(told.status).to.equal(0)
      const refused = ask({ OTEL_SDK_DISABLED: 'yes' })
      expect(refused.stderr).to.equal(
        'meterkit: error: OTEL_SDK_DISABLED must be true or false, got "yes". Unset it for the default.\n',
      )
      expect(refused.status).to.equal(1)
    })

    it('records, renders, shuts down and ends', () => {
      writeFileSync(join(folder, 'index.js'), plain)
      run('index.js', 'shutdown')
    })

    it('ends by itself without a shutdown: the endpoint keeps no process alive', () => {
      writeFileSync(join(folder, 'index.js'), plain)
      run('index.js')
    })

    it('compiles against the declarations, where a wrong label name is an error, and runs', () => {
      writeFileSync(join(folder, 'typed.ts'), typed)
      const compilerOptions = {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
      }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], { cwd: folder, encoding: 'utf8' })
      expect(stdout).to.equal('')
      expect(status).to.equal(0)
      run('typed.js', 'shutdown')
    })
  })
}
