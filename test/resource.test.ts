import { hostname } from 'node:os'
import { expect } from 'chai'
import { createMetrics } from '../src/init'
import { DefinitionError } from '../src/model/errors'

const QUIET = { exporters: [], http: false, runtime: false, selfMetrics: false, logger: false } as const

const page = async (
  options: Parameters<typeof createMetrics>[0],
  record?: (metrics: ReturnType<typeof createMetrics>) => void,
) => {
  const metrics = createMetrics({ ...QUIET, ...options })
  record?.(metrics)
  const { body } = await metrics.render()
  await metrics.shutdown()
  return body
}

describe('The resource of a service', () => {
  const variables = { OTEL_RESOURCE_ATTRIBUTES: process.env.OTEL_RESOURCE_ATTRIBUTES }
  before(() => {
    process.env.OTEL_RESOURCE_ATTRIBUTES = 'service.namespace=shop,service.version=1.4.0'
  })
  after(() => {
    if (variables.OTEL_RESOURCE_ATTRIBUTES === undefined) delete process.env.OTEL_RESOURCE_ATTRIBUTES
    else process.env.OTEL_RESOURCE_ATTRIBUTES = variables.OTEL_RESOURCE_ATTRIBUTES
  })

  it('has what was given before what was found', async () => {
    const body = await page({ serviceName: 'orders', resource: { 'service.version': 2 } })
    expect(body).to.match(
      /^target_info\{service_name="orders",service_namespace="shop",service_version="2",telemetry_sdk_language="nodejs",/m,
    )
  })

  it('has arrays, as JSON on a page and as they were when they were given', async () => {
    const args = ['node', 'say "hi"']
    const body = await page(
      { resource: { 'process.command_args': args, ports: [80, 443], flags: [true] }, resourceLabels: ['ports'] },
      (metrics) => {
        args.push('later')
        metrics.gauge({ name: 'jobs' }).set(2)
      },
    )
    const [info = ''] = /^target_info\{.*/m.exec(body) ?? []
    expect(info).to.include(String.raw`process_command_args="[\"node\",\"say \\\"hi\\\"\"]"`)
    expect(info).to.include('flags="[true]"')
    expect(body).to.include('\njobs{ports="[80,443]"} 2\n')
  })

  it('has nothing of the environment where no detector is wanted', async () => {
    expect(await page({ resourceDetectors: [] })).not.to.include('shop')
  })

  it('has the machine, the system, the process and an id of its own, where they are wanted', async () => {
    const body = await page({ resourceDetectors: ['host', 'os', 'process', 'serviceinstance'] })
    const [info = ''] = /^target_info\{.*/m.exec(body) ?? []
    expect(info).to.include(`host_name="${hostname()}"`)
    expect(info).to.include(`os_type="${process.platform}"`)
    expect(info).to.include(`process_pid="${process.pid}"`)
    expect(info).to.match(/service_instance_id="[\da-f-]{36}"/)
  })

  it('has what is installed of all, and says which package is missing of what was asked for by name', async () => {
    expect(await page({ resourceDetectors: ['all'] })).to.include(`host_name="${hostname()}"`)
    expect(() => createMetrics({ ...QUIET, resourceDetectors: ['container'] }))
      .to.throw(DefinitionError)
      .with.property(
        'message',
        'Cannot start "metrics": the package @opentelemetry/resource-detector-container must be installed, got none. Run npm install @opentelemetry/resource-detector-container.',
      )
  })

  it('needs no package where the service is disabled', async () => {
    await createMetrics({ disabled: true, resourceDetectors: ['container'] }).shutdown()
  })

  it('lends attributes to every series as labels, where it has them', async () => {
    const body = await page(
      { resourceLabels: ['service.namespace', 'host.name', 'k8s.pod.name'], resourceDetectors: ['env', 'host'] },
      (metrics) => {
        metrics.counter({ name: 'orders_total', labelNames: ['region'] }).add(1, { region: 'eu' })
        metrics.gauge({ name: 'jobs' }).set(2)
      },
    )
    const own = `service_namespace="shop",host_name="${hostname()}"`
    expect(body).to.include(`\norders_total{${own},region="eu"} 1\n`)
    expect(body).to.include(`\njobs{${own}} 2\n`)
  })

  it('lends none under a name that the format or Prometheus keeps for itself', async () => {
    const body = await page({ resource: { le: 'a', __name__: 'b' }, resourceLabels: ['le', '__name__'] }, (metrics) =>
      metrics.histogram({ name: 'h', buckets: [1] }).record(1),
    )
    expect(body).to.include('\nh_bucket{exported_le="a",_name_="b",le="1"} 1\n')
  })

  it('keeps its labels from being those of an instrument', async () => {
    const metrics = createMetrics({ ...QUIET, resourceLabels: ['service.namespace'] })
    expect(() => metrics.counter({ name: 'orders_total', labelNames: ['service_namespace'] })).to.throw(
      DefinitionError,
      'a label name must be another than',
    )
    await metrics.shutdown()
  })
})
