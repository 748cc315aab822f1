import { expect } from 'chai'
import type { MetricsOptions } from '../src/config/options'
import { createMetrics } from '../src/init'

const NAMES = ['OTEL_SERVICE_NAME', 'OTEL_RESOURCE_ATTRIBUTES'] as const

type Environment = Partial<Record<(typeof NAMES)[number], string>>

/** The `target_info` line of a service with these options, started in this environment. */
async function targetInfo(environment: Environment, options: MetricsOptions = {}): Promise<string> {
  const before = NAMES.map((name) => [name, process.env[name]] as const)
  try {
    for (const name of NAMES) set(name, environment[name])
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false, ...options })
    const { body } = await metrics.render()
    await metrics.shutdown()
    return body.split('\n').find((line) => line.startsWith('target_info{')) ?? ''
  } finally {
    for (const [name, value] of before) set(name, value)
  }
}

function set(name: (typeof NAMES)[number], value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

describe('The resource of a service', () => {
  it('has the service name of the options, else of OTEL_SERVICE_NAME, else of OTEL_RESOURCE_ATTRIBUTES', async () => {
    const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=from-attributes' }
    const name = { OTEL_SERVICE_NAME: 'from-name', ...attributes }
    expect(await targetInfo(name, { serviceName: 'from-options' })).to.contain('service_name="from-options"')
    expect(await targetInfo(name, { resource: { 'service.name': 'from-resource' } })).to.contain(
      'service_name="from-resource"',
    )
    expect(await targetInfo(name)).to.contain('service_name="from-name"')
    expect(await targetInfo(attributes)).to.contain('service_name="from-attributes"')
    expect(await targetInfo({})).to.match(/service_name="unknown_service:/)
  })

  it('has the attributes of OTEL_RESOURCE_ATTRIBUTES, under those of the options', async () => {
    const environment = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=staging,team=payments%20eu' }
    const line = await targetInfo(environment, { resource: { team: 'orders', replica: 3, canary: true } })
    for (const label of ['deployment_environment="staging"', 'team="orders"', 'replica="3"', 'canary="true"']) {
      expect(line).to.contain(label)
    }
    expect(await targetInfo(environment)).to.contain('team="payments eu"')
  })

  it('starts all the same where the environment makes no sense', async () => {
    expect(await targetInfo({ OTEL_RESOURCE_ATTRIBUTES: ',,=,a' }, { serviceName: 'orders' })).to.contain(
      'service_name="orders"',
    )
  })
})
