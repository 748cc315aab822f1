import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { DataPointType } from '@opentelemetry/sdk-metrics'
import { expect } from 'chai'
import { createMetrics, initMetrics, type MetricsService, runJob } from '../../src/init'
import { DefinitionError } from '../../src/model/errors'
import { PushReceiver } from '../push/receiver'
import { freePort } from '../support/free-port'
import { RecordingLogger } from '../support/recording-logger'
import { until } from '../support/until'
import { makeCertificates } from './certificates'
import { JsonReceiver } from './receivers'

const root = join(__dirname, '../..')
const PULL = '{ pull: { exporter: { prometheus/development: { port: 0 } } } }'

describe('Configuration that is loaded again', function () {
  this.timeout(60_000)

  let folder: string
  let file: string
  let receiver: JsonReceiver
  let log: RecordingLogger
  let metrics: MetricsService | undefined

  const write = (content: string) => writeFileSync(file, `file_format: "1.0"\n${content}\n`)
  const push = (more = '', interval = 3_600_000) =>
    `{ periodic: { interval: ${interval}, exporter: { otlp_http: { endpoint: "${receiver.url}", encoding: json, temporality_preference: delta, ${more} } } } }`
  const readers = (...each: string[]) => `meter_provider: { readers: [${each.join(', ')}] }`

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'meterkit-reload-'))
    file = join(folder, 'metrics.yaml')
    receiver = new JsonReceiver()
    await receiver.start()
    log = new RecordingLogger()
  })
  afterEach(async () => {
    await metrics?.shutdown()
    delete process.env.OTEL_CONFIG_FILE
    await receiver.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  function start(content: string): MetricsService {
    write(content)
    process.env.OTEL_CONFIG_FILE = file
    metrics = initMetrics({ logger: log, http: false, runtime: false })
    return metrics
  }

  it('begins to push, and ends, and no count is lost or sent twice', async () => {
    const service = start(readers(PULL))
    const counter = service.counter({ name: 'orders_total' })
    counter.add(1)
    write(readers(PULL, push()))
    await service.reload()
    counter.add(10)
    await service.flush()
    expect(receiver.sums.get('orders_total')).to.equal(11)
    counter.add(100)
    write(readers(PULL))
    await service.reload()
    expect(receiver.sums.get('orders_total')).to.equal(111)
    expect((await service.render()).body).to.match(/^orders_total 111$/m)
  })

  it('listens where the file says by then, and at another place the next time', async () => {
    const service = start(readers(push()))
    expect(await service.ready()).to.deep.equal({ url: '' })
    const port = await freePort()
    const pull = (host: string) =>
      `{ pull: { exporter: { prometheus/development: { host: "${host}", port: ${port} } } } }`
    for (const host of ['127.0.0.1', 'localhost']) {
      write(`${readers(push(), pull(host))}\ndistribution: { meterkit: { prometheus: { path: /m } } }`)
      await service.reload()
      expect(await service.ready()).to.deep.equal({ url: `http://${host}:${port}/m` })
      expect((await fetch(`http://${host}:${port}/m`)).status).to.equal(200)
      write(readers(push()))
      await service.reload()
      expect(await service.ready()).to.deep.equal({ url: '' })
    }
    expect(log.lines.join()).not.to.include('next start')
  })

  it('hands what has not arrived to the reader that takes over, with another interval', async () => {
    const service = start(readers(push()))
    const counter = service.counter({ name: 'orders_total' })
    counter.add(1)
    await service.flush()
    receiver.treatment = () => (_request, response) => void response.writeHead(400).end()
    counter.add(10)
    await service.flush()
    receiver.treatment = () => undefined
    write(readers(push('compression: gzip', 50)))
    await service.reload()
    counter.add(100)
    // By the new interval: nobody asks for it.
    await until('the rest', () => (receiver.sums.get('orders_total') === 111 ? true : undefined))
    await service.flush()
    expect(receiver.sums.get('orders_total')).to.equal(111)
  })

  it('has other views at once, without losing a count', async () => {
    const service = start(readers(PULL))
    const first = service.counter({ name: 'first_total' })
    const second = service.counter({ name: 'second_total' })
    const third = service.histogram({ name: 'third_seconds', buckets: [1, 7] }).bind()
    first.add(1)
    second.add(2)
    third.record(0.5)
    const views = [
      'selector: { instrument_name: first_total }, stream: { name: primary_total }',
      'selector: { instrument_name: second_total }, stream: { aggregation: { drop: } }',
      'selector: { instrument_name: "*_seconds" }, stream: { aggregation: { explicit_bucket_histogram: { boundaries: [7] } } }',
    ]
    write(`meter_provider: { readers: [${PULL}], views: [${views.map((view) => `{ ${view} }`).join(', ')}] }`)
    await service.reload()
    first.add(10)
    second.add(20)
    third.record(8)
    service.histogram({ name: 'fourth_seconds', buckets: [1] }).record(0.5)
    const { body } = await service.render()
    expect(body).to.match(/^primary_total 11$/m)
    expect(body).not.to.match(/^(first|second)_total/m)
    expect(body).to.match(/^third_seconds_bucket\{le="7"\} 1\nthird_seconds_bucket\{le="\+Inf"\} 2$/m)
    expect(body).to.include('fourth_seconds_bucket{le="7"} 1')
    expect(log.lines.filter((line) => line.startsWith('warn'))).to.be.empty
    // What was not shown was counted.
    write(readers(PULL))
    await service.reload()
    expect((await service.render()).body).to.match(/^first_total 11$[\s\S]*^second_total 22$/m)
  })

  it('has views that change by the second under load, and each count arrives once', async () => {
    const service = start(readers(push('', 10)))
    const orders = service.counter({ name: 'orders_total', labelNames: ['region', 'tier'] })
    const bound = orders.bind({ region: 'eu', tier: 'gold' })
    const keys = ['included: [region]', 'included: [none]', 'excluded: [region]', undefined]
    let counted = 0
    for (let round = 0; round < 40; round++) {
      const filter = keys[round % keys.length]
      const view = `{ selector: { instrument_name: orders_total }, stream: { attribute_keys: { ${filter} } } }`
      const views = filter === undefined ? '' : `, views: [${view}]`
      write(`meter_provider: { readers: [${push('', 10)}]${views} }`)
      const reloaded = service.reload()
      for (let more = 0; more < 100; more++) {
        bound.add()
        orders.add(2, { region: more % 2 === 0 ? 'eu' : 'us', tier: 'silver' })
        counted += 3
        if (more % 25 === 0) await setImmediate()
      }
      await reloaded
    }
    await service.flush()
    expect(receiver.sums.get('orders_total')).to.equal(counted)
    const page = (await service.render()).body.matchAll(/^orders_total\S* (\d+)$/gm)
    expect([...page].reduce((sum, [, value]) => sum + Number(value), 0)).to.equal(counted)
  })

  it('counts nothing twice of what was hidden for a while, or told by its total', async () => {
    const service = start(readers(push()))
    const counter = service.counter({ name: 'orders_total' })
    const pushed = async (value: number, content: string) => {
      counter.add(value)
      await service.flush()
      write(content)
      await service.reload()
    }
    const hidden = 'views: [{ selector: { instrument_name: orders_total }, stream: { aggregation: { drop: } } }]'
    await pushed(1, `meter_provider: { readers: [${push()}], ${hidden} }`)
    await pushed(10, readers(push()))
    await pushed(100, readers(push().replace('delta', 'cumulative')))
    expect(receiver.sums.get('orders_total')).to.equal(111)
    write(readers(push()))
    await service.reload()
    counter.add(1_000)
    await service.flush()
    expect(receiver.sums.get('orders_total')).to.equal(1_111)
  })

  it('may hide the durations of requests, and requests are counted as before', async () => {
    write(readers(PULL))
    process.env.OTEL_CONFIG_FILE = file
    const service = initMetrics({ logger: log, runtime: false })
    metrics = service
    const server = createServer((_request, response) => response.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const page = async (requests: number) => {
      await (await fetch(url)).text()
      return await until('the request', async () => {
        const { body } = await service.render()
        return new RegExp(`^http_requests_total\\{.*\\} ${requests}$`, 'm').test(body) ? body : undefined
      })
    }
    try {
      expect(await page(1)).to.include('http_request_duration_seconds_count')
      const drop = 'selector: { instrument_name: http_request_duration_seconds }, stream: { aggregation: { drop: } }'
      write(`meter_provider: { readers: [${PULL}], views: [{ ${drop} }] }`)
      await service.reload()
      expect(await page(2)).not.to.match(/^http_request_duration_seconds/m)
      write(readers(PULL))
      await service.reload()
      expect(await page(3)).to.match(/^http_request_duration_seconds_count\{.*\} 3$/m)
    } finally {
      server.close().closeAllConnections()
    }
  })

  it('has each way out once on its page, however often it comes and goes', async () => {
    const service = start(readers(PULL, push()))
    service.counter({ name: 'orders_total' }).add(1)
    const series = async () => (await service.render()).body.match(/^meterkit_push_.*\{exporter.*\}/gm)?.sort()
    await service.flush()
    const before = await series()
    for (let times = 1; times <= 5; times++) {
      write(readers(PULL))
      await service.reload()
      write(readers(PULL, push()))
      await service.reload()
    }
    await service.flush()
    expect(await series()).to.deep.equal(before)
    const counts = (await service.render()).body.match(
      /^meterkit_series\{metric="meterkit_push_failures_total"\} (\d+)$/m,
    )
    expect(counts?.[1]).to.equal(String(before?.filter((each) => each.startsWith('meterkit_push_failures')).length))
  })

  it('stays as it is where the file is bad, and says why', async () => {
    const service = start(readers(push()))
    const counter = service.counter({ name: 'orders_total' })
    for (const bad of [
      '\0',
      'meter_provider: { readers: [{ pull: { exporter: { prometheus/development: { po',
      'meter_provider: [',
      readers(push('compression: br')),
      'distribution: { meterkit: { htttp: false } }',
    ]) {
      write(bad)
      const error = await service.reload().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error, bad).to.be.instanceOf(DefinitionError)
      expect((error as Error).message).to.include(file)
    }
    counter.add(5)
    await service.flush()
    expect(receiver.sums.get('orders_total')).to.equal(5)
  })

  it('reads certificates again that were renewed in their place', async () => {
    const ca = join(folder, 'ca.pem')
    const [old, renewed] = [makeCertificates(), makeCertificates()]
    const [key, cert] = [readFileSync(renewed.server.key), readFileSync(renewed.server.certificate)]
    let requests = 0
    const secure = createSecureServer({ key, cert }, (_request, response) => {
      requests++
      response.end('{}')
    })
    await new Promise<void>((resolve) => secure.listen(0, 'localhost', resolve))
    const { port } = secure.address() as AddressInfo
    const content = readers(
      push(`tls: { ca_file: "${ca}" }`).replace(receiver.url, `https://localhost:${port}/v1/metrics`),
    )
    try {
      copyFileSync(old.authority, ca)
      const service = start(content)
      service.counter({ name: 'orders_total' }).add(1)
      await service.flush()
      expect(requests).to.equal(0)
      copyFileSync(renewed.authority, ca)
      await service.reload()
      await service.flush()
      expect(requests).to.be.above(0)
    } finally {
      secure.close().closeAllConnections()
      for (const certificates of [old, renewed]) certificates.remove()
    }
  })

  it('has histograms of another kind', async () => {
    const service = start(readers(push()))
    const seconds = service.histogram({ name: 'run_seconds' })
    seconds.record(0.3)
    write(readers(push('default_histogram_aggregation: base2_exponential_bucket_histogram')))
    await service.reload()
    seconds.record(0.6)
    const { resourceMetrics } = await service.metricProducer.collect()
    const all = resourceMetrics.scopeMetrics.flatMap(({ metrics: each }) => each)
    const metric = all.find(({ descriptor }) => descriptor.name === 'run_seconds')
    expect(metric?.dataPointType).to.equal(DataPointType.EXPONENTIAL_HISTOGRAM)
    expect(metric?.dataPoints[0]?.value).to.include({ count: 2, sum: 0.8999999999999999 })
    expect(log.lines).to.be.empty
  })

  it('says what waits for the next start', async () => {
    const service = start(readers(PULL))
    const own = 'constantLabels: { zone: a }, prometheus: { path: /m }, cardinalityLimit: 7'
    write(`${readers(PULL)}\ndistribution: { meterkit: { ${own} } }`)
    await service.reload()
    expect(log.lines.at(-1)).to.equal(
      'warn: the next start of the process has these, and not this one: prometheus.path, constantLabels',
    )
  })

  it('is that of a job, too', async () => {
    const target = new PushReceiver()
    await target.start()
    const own = (url: string) => `distribution: { meterkit: { push: { url: "${url}" } } }`
    write(own('http://localhost:1'))
    process.env.OTEL_CONFIG_FILE = file
    try {
      await runJob(
        async (service) => {
          write('meter_provider: [')
          const error = await service.reload().catch((reason: unknown) => reason)
          expect(error).to.be.instanceOf(DefinitionError)
          write(own(target.url))
          await service.reload()
        },
        { logger: log, http: false, runtime: false, serviceName: 'nightly' },
      )
      expect(target.requests.map(({ path }) => path)).to.deep.equal(['/metrics/job/nightly'])
    } finally {
      await target.stop()
    }
  })

  it('is none of a service of code alone', async () => {
    metrics = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
    const error = await metrics.reload().catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(DefinitionError)
  })

  it('is loaded by SIGHUP, which does not end the process then', async () => {
    write(readers(PULL))
    const program = `
      const metrics = require(${JSON.stringify(root)}).initMetrics({ http: false, runtime: false })
      metrics.counter({ name: 'orders_total' }).add(3)
      setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['-e', program], {
      cwd: root,
      env: { PATH: process.env.PATH, NODE_PATH: process.env.NODE_PATH, OTEL_CONFIG_FILE: file },
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const heard = (pattern: RegExp) => until(String(pattern), () => (pattern.test(said) ? true : undefined))
    try {
      await heard(/metrics are at/)
      write(readers(push('', 50)))
      child.kill('SIGHUP')
      await until('the push', () => (receiver.sums.get('orders_total') === 3 ? true : undefined))
      await heard(/the configuration was loaded again/)
      expect(said).not.to.include('warning')
      write('log_level: loud')
      child.kill('SIGHUP')
      await heard(/error: the configuration stays as it is: Cannot read/)
    } finally {
      child.kill('SIGTERM')
      await once(child, 'close')
    }
    expect(child.signalCode).to.equal('SIGTERM')
    expect(receiver.sums.get('orders_total')).to.equal(3)
  })
})
