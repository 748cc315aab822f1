import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect } from 'chai'
import { optionsFromEnvironment, variablesOf } from '../../src/config/environment'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'
import { newerProgram } from '../e2e/newer-debian'

const folder = join(__dirname, '../../otel-config')

/** Its own types are not there before this workspace is installed. */
interface Yaml {
  parseAllDocuments(source: string): { readonly errors: readonly Error[]; toJS(): unknown }[]
}

/** The documents of a file, by a parser that is not ours; the file begins with two lines that explain it. */
function documents<T>(file: string): T[] {
  const source = readFileSync(join(folder, file), 'utf8')
  expect(source, 'two lines that explain it').to.match(/^# .*\n# .*\n/)
  const { parseAllDocuments } = require('yaml') as Yaml
  return parseAllDocuments(source).map((document) => {
    expect(document.errors).to.deep.equal([])
    return document.toJS() as T
  })
}

/** Throws where one of the variables is none, or has a value that cannot be. */
function checkVariables(env: Readonly<Record<string, string>>): void {
  const known: string[] = []
  forEachOption(TABLE, (path, option) => known.push(...variablesOf(path, option).map(({ name }) => name)))
  expect(known).to.include.members(Object.keys(env).filter((name) => /^(OTEL|METERKIT)_/.test(name)))
  optionsFromEnvironment(env, (fault) => expect.fail(fault))
}

interface Variable {
  readonly name: string
  readonly value?: string
}

interface Port {
  readonly name: string
  readonly containerPort: number
  readonly targetPort: string
}

/** Of the kinds that are here, what is looked at. */
interface Spec {
  readonly selector: Readonly<Record<string, string>> & { readonly matchLabels: object }
  readonly template: {
    readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> }
    readonly spec: {
      readonly containers: readonly { readonly ports: readonly Port[]; readonly env: readonly Variable[] }[]
    }
  }
  readonly ports: readonly Port[]
  readonly endpoints: readonly { readonly port: string }[]
  readonly podMetricsEndpoints: readonly { readonly port: string }[]
}

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly labels: Readonly<Record<string, string>> }
  readonly spec: Spec
}

interface Collector {
  readonly receivers: object
  readonly processors: object
  readonly exporters: object
  readonly extensions: object
  readonly service: {
    readonly extensions: readonly string[]
    readonly pipelines: Readonly<Record<string, Readonly<Record<'receivers' | 'processors' | 'exporters', string[]>>>>
  }
}

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string
        readonly command?: string | readonly string[]
        readonly volumes?: readonly string[]
        readonly environment?: Readonly<Record<string, string>>
      }
    >
  >
}

/** What a program says to arguments. Throws where it is not here, or ends with an error. */
function said(name: string, version: string, args: readonly string[]): string {
  const { command, mend } = newerProgram(name, version)
  if (command === undefined) throw new Error(`${name} is missing: ${mend}`)
  // No cluster and no daemon is asked, whatever is set up on this machine.
  const env = { PATH: process.env.PATH, KUBECONFIG: '/dev/null', DOCKER_HOST: 'tcp://127.0.0.1:1' }
  return execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe', env })
}
const compose = (...args: readonly string[]) => said('docker-compose', '2', args)
const kubectl = (...args: readonly string[]) => said('kubectl', '1.30', [...args, '--local', '--output=name'])

describe('otel-config, by the tools that it is for', () => {
  let work: string
  before(() => {
    work = mkdtempSync(join(tmpdir(), 'meterkit-manifests-'))
  })
  after(() => rmSync(work, { recursive: true, force: true }))
  /** A file with `part` replaced. */
  function spoilt(file: string, part: string, by: string): string {
    const source = readFileSync(join(folder, file), 'utf8')
    expect(source).to.include(part)
    const path = join(work, basename(file))
    writeFileSync(path, source.replace(part, by))
    return path
  }

  it('docker-compose.yml is taken by docker compose, which refuses what it does not know', () => {
    expect(
      compose('--file', join(folder, 'docker-compose.yml'), 'config', '--services').trim().split('\n'),
    ).to.have.members([
      'orders',
      'collector',
      'prometheus',
      'alertmanager',
      'pushgateway',
      'victoria-metrics',
      'grafana',
    ])
    const bad = spoilt('docker-compose.yml', 'image: node', 'imag: node')
    expect(() => compose('--file', bad, 'config', '--quiet')).to.throw(/imag is not allowed|property 'imag'/i)
  })

  it('kubernetes/ is read by kubectl, and what it knows has the types that it knows', () => {
    const file = (name: string) => `--filename=${join(folder, 'kubernetes', name)}`
    const names = ['deployment.yaml', 'pod-monitor.yaml', 'service-monitor.yaml'].map((name) =>
      kubectl('annotate', file(name), 'a=b').trim().split('\n'),
    )
    expect(names).to.deep.equal([
      ['deployment.apps/orders', 'service/orders'],
      ['podmonitor.monitoring.coreos.com/orders'],
      ['servicemonitor.monitoring.coreos.com/orders'],
    ])
    const resources = (path: string) => kubectl('set', 'resources', `--filename=${path}`, '--limits=memory=1Gi')
    const [deployment = ''] = readFileSync(join(folder, 'kubernetes', 'deployment.yaml'), 'utf8').split('\n---\n')
    const whole = join(work, 'whole.yaml')
    writeFileSync(whole, deployment)
    expect(resources(whole).trim()).to.equal('deployment.apps/orders')
    const bad = join(work, 'bad.yaml')
    writeFileSync(bad, deployment.replace('containerPort: 9464', 'containerPort: metrics'))
    expect(() => resources(bad)).to.throw(/containerPort/)
  })
})

describe('otel-config', () => {
  it('has nothing that no test knows', () => {
    expect(readdirSync(folder).sort()).to.deep.equal([
      'both.yaml',
      'breaker-alerts.yml',
      'collector.yaml',
      'docker-compose.yml',
      'high-cardinality.yaml',
      'kubernetes',
      'prometheus-stack.yml',
      'prometheus.yml',
      'push-only.yaml',
      'scrape-only.yaml',
      'serverless.yaml',
    ])
  })

  it('collector.yaml uses what it defines, and all of it', () => {
    const [collector] = documents<Collector>('collector.yaml')
    const { service, ...defined } = collector as Collector
    for (const part of ['receivers', 'processors', 'exporters'] as const) {
      const used = Object.values(service.pipelines).flatMap((pipeline) => pipeline[part])
      expect(Object.keys(defined[part]).sort(), part).to.deep.equal([...new Set(used)].sort())
    }
    expect(Object.keys(defined.extensions)).to.deep.equal(service.extensions)
  })

  it('kubernetes/ has a deployment whose pods the monitors and the service select', () => {
    const [deployment, service] = documents('kubernetes/deployment.yaml') as [Manifest, Manifest]
    const { template, selector } = deployment.spec
    const { labels, annotations } = template.metadata
    const port = template.spec.containers[0]?.ports[0]
    expect(selector.matchLabels).to.deep.equal(labels)
    expect(annotations['prometheus.io/port']).to.equal(String(port?.containerPort))
    expect(service.spec.selector).to.deep.equal(labels)
    expect(service.spec.ports[0]?.targetPort).to.equal(port?.name)

    const [serviceMonitor] = documents('kubernetes/service-monitor.yaml') as [Manifest]
    expect(serviceMonitor.spec.selector.matchLabels).to.deep.equal(service.metadata.labels)
    expect(serviceMonitor.spec.endpoints[0]?.port).to.equal(service.spec.ports[0]?.name)
    const [podMonitor] = documents('kubernetes/pod-monitor.yaml') as [Manifest]
    expect(podMonitor.spec.selector.matchLabels).to.deep.equal(labels)
    expect(podMonitor.spec.podMetricsEndpoints[0]?.port).to.equal(port?.name)
  })

  it('kubernetes/deployment.yaml sets variables that there are, from those that it has', () => {
    const [deployment] = documents<Manifest>('kubernetes/deployment.yaml')
    const variables = deployment?.spec.template.spec.containers[0]?.env ?? []
    expect(variables).to.have.length.above(5)
    const env = Object.fromEntries(variables.map(({ name, value = 'x' }) => [name, value]))
    checkVariables(env)
    const before = (name: string) => variables.findIndex((variable) => variable.name === name)
    for (const { name, value = '' } of variables) {
      // Kubernetes puts in what stands before.
      for (const [, used = ''] of value.matchAll(/\$\((\w+)\)/g)) {
        expect(before(used), used).to.be.within(0, before(name) - 1)
      }
    }
  })

  it('docker-compose.yml mounts files that there are, and reaches services that it has', () => {
    const [compose] = documents<Compose>('docker-compose.yml')
    const services = compose?.services ?? {}
    for (const { image, volumes = [] } of Object.values(services)) {
      expect(image).to.match(/:v?\d/)
      for (const volume of volumes) expect(existsSync(join(folder, volume.split(':')[0] ?? '')), volume).to.equal(true)
    }
    checkVariables(services.orders?.environment ?? {})
    const stack = readFileSync(join(folder, 'prometheus-stack.yml'), 'utf8')
    const hosts = [...stack.matchAll(/^[^#\n]*?(?:\['|http:\/\/)([\w-]+):\d+/gm)].map(([, host]) => host)
    expect(hosts).to.have.length(5)
    expect(Object.keys(services)).to.include.members(hosts)
  })
})
