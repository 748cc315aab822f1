import { expect } from 'chai'
import { run } from '../../src/cli/run'

function meterkit(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const out: string[] = []
  const errors: string[] = []
  const code = run(args, env, { out: (text) => out.push(text), error: (text) => errors.push(text) })
  return { code, out: out.join('\n'), errors }
}

const settings = (env: NodeJS.ProcessEnv) => JSON.parse(meterkit(['config', '--json'], env).out)

describe('meterkit config', () => {
  it('prints each option that has a value, and where it comes from', () => {
    const { code, out, errors } = meterkit(['config'], {
      OTEL_SERVICE_NAME: 'orders',
      OTEL_EXPORTER_PROMETHEUS_PORT: '0',
    })
    const lines = out.split('\n').map((line) => line.split(/ {2,}/))
    expect(lines).to.deep.include.members([
      ['disabled', 'false', 'default'],
      ['serviceName', '"orders"', 'OTEL_SERVICE_NAME'],
      ['exporters', '["prometheus"]', 'default'],
      ['prometheus.host', '"localhost"', 'default'],
      ['prometheus.port', '0', 'OTEL_EXPORTER_PROMETHEUS_PORT'],
      ['http.client.maxHosts', '100', 'default'],
    ])
    expect({ code, errors }).to.deep.equal({ code: 0, errors: [] })
  })

  it('prints the same as JSON', () => {
    expect(settings({ METERKIT_SEMCONV: 'true' })).to.deep.include({
      semconv: { value: true, from: 'METERKIT_SEMCONV' },
      'otlp.protocol': { value: 'http/protobuf', from: 'default' },
    })
  })

  it('prints nothing of what is inside of something that is turned off', () => {
    const all = settings({ METERKIT_HTTP: 'false' })
    expect(all.http).to.deep.equal({ value: false, from: 'METERKIT_HTTP' })
    expect(all).not.to.have.property('http.engine')
  })

  it('masks secrets', () => {
    const env = {
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=hush',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://user:hush@a/m',
    }
    expect(settings(env)).to.deep.include({
      'otlp.headers': { value: { 'api-key': '****' }, from: 'OTEL_EXPORTER_OTLP_HEADERS' },
      'otlp.endpoint': { value: 'https://****@a/m', from: 'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT' },
    })
    expect(meterkit(['config'], env).out).not.to.include('hush')
  })

  it('tells of packages and files that are needed and not here', () => {
    const env = {
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,gcp',
    }
    const { code, out, errors } = meterkit(['config'], env)
    expect({ code, out }).to.deep.equal({ code: 1, out: '' })
    expect(errors).to.have.length(3)
    expect(errors[0]).to.match(/^Cannot start "metrics": the package @opentelemetry\/resource-detector-gcp must be /)
    expect(errors[1]).to.match(/^Cannot start "otlp": the package @opentelemetry\/exporter-metrics-otlp-proto must be /)
    expect(errors[2]).to.match(/^Cannot start "otlp": otlp.certificate must be a file .*\/nowhere\/ca.pem/)
    expect(meterkit(['config'], { ...env, OTEL_METRICS_EXPORTER: 'none', OTEL_SDK_DISABLED: 'true' }).code).to.equal(0)
  })

  it('tells every bad value, prints nothing else and ends with 1', () => {
    expect(meterkit(['config'], { OTEL_EXPORTER_PROMETHEUS_PORT: 'http', METERKIT_RUNTIME: 'no' })).to.deep.equal({
      code: 1,
      out: '',
      errors: [
        'OTEL_EXPORTER_PROMETHEUS_PORT must be a whole number from 0 to 65535, got "http". Unset it for the default.',
        'METERKIT_RUNTIME must be true or false, got "no". Unset it for the default.',
      ],
    })
  })

  for (const [name, value] of [
    ['METERKIT_HTTP_BUCKETS', '3,2,1'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://a:99999'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b%0A'],
    ['OTEL_EXPORTER_OTLP_METRICS_ENDPOINT', 'http://'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ] as const) {
    it(`ends with 1 where nothing would start with ${name}=${value}`, () => {
      const { code, out, errors } = meterkit(['config'], { [name]: value })
      expect({ code, out }).to.deep.equal({ code: 1, out: '' })
      expect(errors.join()).to.match(/^(Cannot start "metrics": otlp\.endpoint|OTEL_\w+|METERKIT_\w+) must be .*, got /)
    })
  }

  it('ends with 1 where the file cannot be read', () => {
    const { code, errors } = meterkit(['config'], { OTEL_CONFIG_FILE: '/nowhere/metrics.yaml' })
    expect(errors.join()).to.match(/^Cannot read "\/nowhere\/metrics.yaml": /)
    expect(code).to.equal(1)
  })

  it('prints the schema of its part of a file', () => {
    const { code, out } = meterkit(['config', '--schema'])
    const { properties, additionalProperties } = JSON.parse(out)
    expect(code).to.equal(0)
    expect(additionalProperties).to.equal(false)
    expect(properties.runtime).to.deep.equal({ type: 'boolean', default: true })
    expect(properties.prometheus.properties.port).to.deep.equal({
      type: 'integer',
      minimum: 0,
      maximum: 65_535,
      default: 9_464,
    })
    expect(properties.http.anyOf[1]).to.deep.equal({ const: false })
    expect(properties.http.anyOf[0].properties).to.have.property('client')
    // What only code can give.
    expect(properties).not.to.have.any.keys('logger', 'views')
    expect(properties.http.anyOf[0].properties).not.to.have.any.keys('route', 'labels')
  })
})

describe('meterkit', () => {
  it('tells its commands, and of one what it takes', () => {
    for (const args of [[], ['--help'], ['config', '--help']]) {
      const { code, out } = meterkit(args)
      expect(out).to.match(/^meterkit config \[--json \| --schema\]\n/)
      expect(code).to.equal(0)
    }
  })

  it('refuses what it does not know', () => {
    expect(meterkit(['confg'])).to.deep.equal({
      code: 1,
      out: '',
      errors: ['Cannot run "meterkit": the command must be config, got "confg". Write "config".'],
    })
    expect(meterkit(['toString']).code).to.equal(1)
    for (const argument of ['--jsn', 'file.yaml']) {
      const { code, errors } = meterkit(['config', argument])
      expect(code).to.equal(1)
      expect(errors.join()).to.include(argument)
    }
  })
})
