import { expect } from 'chai'
import { optionsFromEnvironment } from '../../src/config/environment'

describe('The options of the environment', () => {
  const read = (env: Readonly<Record<string, string>>) => {
    const warnings: string[] = []
    return { options: optionsFromEnvironment(env, (message) => warnings.push(message)), warnings }
  }

  it('are host and port of the endpoint', () => {
    expect(read({ OTEL_EXPORTER_PROMETHEUS_HOST: '0.0.0.0', OTEL_EXPORTER_PROMETHEUS_PORT: '0' })).to.deep.equal({
      options: { prometheus: { host: '0.0.0.0', port: 0 } },
      warnings: [],
    })
  })

  it('are none where nothing is set, or to nothing', () => {
    const nothing = { options: { prometheus: {} }, warnings: [] }
    expect(read({})).to.deep.equal(nothing)
    expect(read({ OTEL_EXPORTER_PROMETHEUS_HOST: '', OTEL_EXPORTER_PROMETHEUS_PORT: '' })).to.deep.equal(nothing)
  })

  for (const port of ['http', '-1', '65536', '1e3', '0x10', ' 9464', '99999999999999999999']) {
    it(`leave out the port ${JSON.stringify(port)}, and say so`, () => {
      const { options, warnings } = read({ OTEL_EXPORTER_PROMETHEUS_PORT: port })
      expect(options).to.deep.equal({ prometheus: {} })
      expect(warnings).to.deep.equal([
        `OTEL_EXPORTER_PROMETHEUS_PORT must be a whole number from 0 to 65535, got ${JSON.stringify(port)}: it is not used.`,
      ])
    })
  }
})
