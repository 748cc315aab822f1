import { expect } from 'chai'
import type { Environment } from '../../src/config/environment'
import type { MetricsOptions } from '../../src/config/options'
import { optionsOfProcess } from '../../src/config/sources'

describe('The name of a service', () => {
  const nameOf = (code: MetricsOptions, env: Environment) => {
    const { options, origins } = optionsOfProcess(code, env)
    return [options.serviceName, origins.get('serviceName')]
  }
  const OTEL_SERVICE_NAME = 'variable'
  const OTEL_RESOURCE_ATTRIBUTES = 'service.name=attribute'

  it('is that of the nearest source, wherever it says it', () => {
    const resource = { 'service.name': 'code' }
    expect(nameOf({ resource }, { OTEL_SERVICE_NAME })).to.deep.equal(['code', 'code'])
    expect(nameOf({ serviceName: 'code' }, { OTEL_RESOURCE_ATTRIBUTES })).to.deep.equal(['code', 'code'])
    expect(nameOf({ resource, serviceName: 'option' }, {})).to.deep.equal(['option', 'code'])
    expect(nameOf({}, { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES })).to.deep.equal(['variable', 'OTEL_SERVICE_NAME'])
    expect(nameOf({}, { OTEL_RESOURCE_ATTRIBUTES })).to.deep.equal(['attribute', 'OTEL_RESOURCE_ATTRIBUTES'])
    expect(nameOf({}, {})).to.deep.equal([undefined, undefined])
  })
})
