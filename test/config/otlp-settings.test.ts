import { expect } from 'chai'
import type { OtlpOptions } from '../../src/config/options'
import { otlpSettings } from '../../src/config/otlp-settings'

describe('The endpoint of a receiver', () => {
  const endpoint = (options: OtlpOptions) => otlpSettings(options)[0]?.endpoint

  it('has a scheme, which is TLS where none was written and nothing else was said', () => {
    expect(endpoint({ endpoint: 'collector:4317' })).to.equal('https://collector:4317')
    expect(endpoint({ endpoint: 'collector:4317', insecure: true })).to.equal('http://collector:4317')
    expect(endpoint({ endpoint: 'HTTPS://A/m', insecure: true })).to.equal('https://A/m')
    expect(endpoint({})).to.equal(undefined)
  })
})
