import { expect } from 'chai'
import { ExpositionReader } from '../../src/endpoint/exposition-reader'
import { DefinitionError } from '../../src/model/errors'
import { lines } from '../support/exposition-house'
import { gaugeMetrics, rejectionOf, resultOf, stock } from './stock-provider'
import { get } from './support'

describe('endpoint: the server of ExpositionReader', () => {
  it('starts with the reader, and calls back when it listens', async () => {
    const listening = new Promise<Error | undefined>((resolve) => {
      const reader = new ExpositionReader({ host: '127.0.0.1', port: 0 }, resolve)
      after(() => reader.stopServer())
    })
    expect(await listening).to.equal(undefined)
  })

  it('calls back with the error where it cannot listen, and says so in the log', async () => {
    const { reader: first } = stock()
    const { url } = await first.listen()
    const port = Number(new URL(url).port)
    const logged: string[] = []
    const log = { info() {}, warn() {}, error: (message: string) => void logged.push(message) }
    const error = await new Promise<Error | undefined>((resolve) => {
      new ExpositionReader({ host: '127.0.0.1', port, log }, resolve)
    })
    const message = `Cannot listen on "127.0.0.1:${port}": the port must be free, got one that is taken. Set prometheus.port, or 0 for any.`
    expect(error?.message).to.equal(message)
    expect(logged).to.deep.equal([message])
    await first.stopServer()
  })

  it('calls back where it shall not start', async () => {
    await new Promise<void>((resolve) => {
      new ExpositionReader({ preventServerStart: true }, () => resolve())
    })
  })

  it('starts, serves the page at its endpoint, stops, and starts again', async () => {
    const { reader, meter } = stock({ endpoint: 'internal/metrics', withoutTargetInfo: true })
    meter.createCounter('c').add(1)
    for (let round = 0; round < 2; round++) {
      const { url } = await reader.listen()
      expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/internal\/metrics$/)
      expect((await reader.listen()).url).to.equal(url)
      expect((await get(url)).text).to.equal(lines('# TYPE c_total counter', 'c_total 1'))
      await reader.stopServer()
      expect((await rejectionOf(get(url))).message).to.contain('ECONNREFUSED')
    }
    await reader.stopServer()
  })

  it('serves other endpoints, each with the metrics that it selects, of producers too', async () => {
    const producer = { collect: async () => resultOf(gaugeMetrics('made.elsewhere', 3)) }
    const { reader, meter } = stock({
      metricProducers: [producer],
      endpoints: { '/made': { include: ['made_*'] }, '/rest': { exclude: ['made_*', 'target_info'] } },
    })
    meter.createCounter('c').add(1)
    const { url } = await reader.listen()
    const other = (path: string) => get(url.replace('/metrics', path))
    expect((await other('/made')).text).to.equal(
      lines('# HELP made_elsewhere From a producer', '# TYPE made_elsewhere gauge', 'made_elsewhere{a="b"} 3'),
    )
    expect((await other('/rest')).text).to.equal(lines('# TYPE c_total counter', 'c_total 1'))
    expect((await other('/rest?name[]=made_elsewhere')).text).to.equal('')
    expect((await get(`${url}?name[]=made.elsewhere`)).text).to.equal('')
    expect((await get(`${url}?name[]=made_elsewhere&name[]=c`)).text.match(/^[^#].*$/gm)).to.deep.equal([
      'c_total 1',
      'made_elsewhere{a="b"} 3',
    ])
    await reader.stopServer()
  })

  it('refuses endpoints that cannot be', () => {
    expect(() => stock({ endpoints: { made: {} } })).to.throw(
      'Cannot make "ExpositionReader": a path of endpoints must be one that starts with "/", written as in a URL, got "made". Write "/metrics/http".',
    )
  })

  for (const [options, fault] of [
    [
      { timeoutMs: 0 },
      'Cannot make "ExpositionReader": timeoutMs must be a number above 0 and up to 2147483647, got 0. Leave it out for the default.',
    ],
    [{ timeoutMs: Number.NaN }, 'timeoutMs must be a number above 0 and up to 2147483647, got NaN.'],
    [{ timeoutMs: 2 ** 31 }, 'timeoutMs must be a number above 0 and up to 2147483647, got 2147483648.'],
    [{ translationStrategy: 'None' as never }, 'translationStrategy must be one of UnderscoreEscapingWithSuffixes,'],
    [{ constantLabels: new Map([['le', '1']]) }, 'a label name must be another than those that the format'],
    [{ constantLabels: new Map([['a.b', '1']]) }, 'a label name must be letters, digits or "_"'],
  ] as const) {
    it(`refuses other options that cannot be: ${fault}`, () => {
      expect(() => stock(options)).to.throw(DefinitionError, fault)
    })
  }

  it('can try again where the port was taken', async () => {
    const { reader: first } = stock()
    const { url } = await first.listen()
    const { reader: second, logged } = stock({ port: Number(new URL(url).port) })
    expect((await rejectionOf(second.startServer())).message).to.contain('the port must be free')
    expect(logged).to.have.length(1)
    await first.stopServer()
    await second.startServer()
    expect((await get(url)).status).to.equal(200)
    await second.stopServer()
  })

  it('says what is wrong with an address', async () => {
    const of = async (host: string, port: number) => (await rejectionOf(stock({ host, port }).reader.listen())).message
    expect(await of('127.0.0.1', 70_000)).to.equal(
      'Cannot listen on "127.0.0.1:70000": the port must be a whole number from 0 to 65535, got 70000. Use 0 for any.',
    )
    expect(await of('192.0.2.1', 0)).to.equal(
      'Cannot listen on "192.0.2.1:0": the host must be an address of this machine, got EADDRNOTAVAIL. Set prometheus.host.',
    )
  })

  it('answers with 503 and the reason where there is no page', async () => {
    const answers: [title: string, reader: ExpositionReader, reason: string][] = []
    const unbound = new ExpositionReader({ preventServerStart: true, host: '127.0.0.1', port: 0 })
    answers.push(['not bound', unbound, 'MetricReader is not bound to a MetricProducer'])
    const failing = stock({ metricProducers: [{ collect: () => Promise.reject(new Error('out of reach')) }] })
    answers.push(['a producer rejects', failing.reader, 'out of reach'])
    const throwing = stock({
      metricProducers: [
        {
          collect: () => {
            throw new Error('at once')
          },
        },
      ],
    })
    answers.push(['a producer throws', throwing.reader, 'at once'])
    const hanging = stock({ timeoutMs: 10, metricProducers: [{ collect: () => new Promise(() => undefined) }] })
    answers.push(['the deadline passes', hanging.reader, 'the deadline of 10 ms passed'])
    for (const [title, reader, reason] of answers) {
      const { url } = await reader.listen()
      const { status, text, headers } = await get(url)
      expect({ title, status, text }).to.deep.equal({
        title,
        status: 503,
        text: `Metrics could not be collected: ${reason}\n`,
      })
      expect(headers['content-type']).to.equal('text/plain; charset=utf-8')
      expect((await get(url, { method: 'HEAD' })).status).to.equal(503)
      await reader.stopServer()
    }
  })

  it('shuts down with the provider; its handler then answers 503', async () => {
    const { reader, provider } = stock()
    const { url } = await reader.listen()
    await provider.shutdown()
    expect((await rejectionOf(get(url))).message).to.contain('ECONNREFUSED')
    const { url: again } = await reader.listen()
    const { status, text } = await get(again)
    expect({ status, text }).to.deep.equal({
      status: 503,
      text: 'Metrics could not be collected: Cannot collect "metrics": the reader must be running, got one that was shut down. Collect before shutdown().\n',
    })
    await reader.stopServer()
  })

  it('takes part in a flush', async () => {
    const { provider } = stock()
    await provider.forceFlush()
    await provider.shutdown()
  })
})
