import { expect } from 'chai'
import type { Given } from '../../src/config/environment'
import type { MetricsOptions } from '../../src/config/options'
import { resolved } from '../../src/config/resolve'
import { settingsOf } from '../../src/config/settings'

/** A source that says of every option that it is from `name`. */
function source(name: string, options: MetricsOptions): Given {
  return { options, origins: { get: () => name } as unknown as Given['origins'] }
}

describe('The options of several sources', () => {
  it('are those of the nearest source, one by one', () => {
    const { options, origins } = resolved([
      { options: { prometheus: { port: 1 }, runtime: undefined as never }, origins: new Map() },
      source('VARIABLE', { prometheus: { port: 2, host: 'env' }, runtime: false }),
      source('file.yaml', { prometheus: { port: 3, host: 'file', path: '/file' }, semconv: true }),
    ])
    expect(options).to.deep.equal({
      prometheus: { port: 1, host: 'env', path: '/file' },
      runtime: false,
      semconv: true,
    })
    expect(Object.fromEntries(origins)).to.deep.equal({
      'prometheus.port': 'code',
      'prometheus.host': 'VARIABLE',
      'prometheus.path': 'file.yaml',
      runtime: 'VARIABLE',
      semconv: 'file.yaml',
    })
  })

  it('are not taken from behind a source that says there are none', () => {
    const off = source('VARIABLE', { http: false })
    const file = source('file.yaml', { http: { maxPaths: 3 } })
    expect(resolved([off, file]).options).to.deep.equal({ http: false })
    const code = source('code', { http: { buckets: [1] } })
    expect(resolved([code, off, file]).options).to.deep.equal({ http: { buckets: [1] } })
  })

  it('are taken one by one for each receiver of a list, whichever source has it', () => {
    const list = source('file.yaml', { otlp: [{ endpoint: 'http://a', intervalMs: 7 }, { endpoint: 'http://b' }] })
    const variables = source('V', { otlp: { compression: 'gzip', intervalMs: 9 } })
    const near = resolved([variables, list])
    expect(near.options).to.deep.equal({
      otlp: [
        { endpoint: 'http://a', compression: 'gzip', intervalMs: 9 },
        { endpoint: 'http://b', compression: 'gzip', intervalMs: 9 },
      ],
    })
    const from = settingsOf(near).map((each) => `${each.path} ${each.from}`)
    expect(from).to.include.members(['otlp[0].endpoint file.yaml', 'otlp[1].compression V'])
    expect(resolved([list, variables]).options).to.deep.equal({
      otlp: [
        { endpoint: 'http://a', compression: 'gzip', intervalMs: 7 },
        { endpoint: 'http://b', compression: 'gzip', intervalMs: 9 },
      ],
    })
  })

  it('are of one receiver where a nearer source makes several the same', () => {
    const list = source('file.yaml', {
      otlp: [{ endpoint: 'http://a' }, { endpoint: 'http://b' }, { protocol: 'grpc' }],
    })
    expect(resolved([source('V', { otlp: { endpoint: 'http://c' } }), list]).options).to.deep.equal({
      otlp: [{ endpoint: 'http://c' }, { endpoint: 'http://c', protocol: 'grpc' }],
    })
  })

  it('join the attributes of the resource by name', () => {
    const { options, origins } = resolved([
      source('code', { resource: { a: 'code' } }),
      source('OTEL_RESOURCE_ATTRIBUTES', { resource: { a: 'env', b: 'env' } }),
    ])
    expect(options).to.deep.equal({ resource: { a: 'code', b: 'env' } })
    expect(origins.get('resource')).to.equal('code, OTEL_RESOURCE_ATTRIBUTES')
  })
})
