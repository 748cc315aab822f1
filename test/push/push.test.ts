import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../src/init'
import { freePort } from '../support/free-port'
import { PushReceiver } from './receiver'

/** How long a push goes on that is never taken: an answer, or its lack, is known long before, also on a slow machine. */
const PATIENCE_MS = 1_000

describe('metrics.push()', () => {
  let receiver: PushReceiver
  let metrics: MetricsService
  beforeEach(async () => {
    receiver = new PushReceiver()
    await receiver.start()
    metrics = createMetrics({
      serviceName: 'orders',
      exporters: [],
      push: { url: receiver.url, groupingKey: { shard: 7 } },
      http: false,
      runtime: false,
      logger: false,
    })
    metrics.counter({ name: 'orders_total' }).add(3)
  })
  afterEach(async () => {
    await metrics.shutdown()
    await receiver.stop()
  })

  const failure = (pushing: Promise<void>) =>
    pushing.then(
      () => expect.fail('it did not reject'),
      (error: Error) => error.message,
    )
  const failures = async (reason: string) => {
    const { body } = await metrics.render()
    const pattern = new RegExp(
      `^meterkit_push_failures_total\\{exporter="pushgateway",reason="${reason}"\\} (\\d+)$`,
      'm',
    )
    return pattern.exec(body)?.[1]
  }

  it('posts the page to the group, puts it, and deletes the group', async () => {
    await metrics.push()
    await metrics.push({ action: 'replace', job: 'nightly', groupingKey: {} })
    await metrics.push({ action: 'delete', headers: { authorization: 'Bearer t' } })
    expect(receiver.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'POST /metrics/job/orders/shard/7',
      'PUT /metrics/job/nightly',
      'DELETE /metrics/job/orders/shard/7',
    ])
    const [post, put, deletion] = receiver.requests
    for (const request of [post, put]) {
      expect(request?.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8')
      expect(request?.body.toString()).to.match(/^orders_total 3$/m)
    }
    expect(deletion?.headers.authorization).to.equal('Bearer t')
    expect(deletion?.body).to.have.length(0)
  })

  it('tells how often it arrived, and with how much', async () => {
    await metrics.push()
    const { body } = await metrics.render()
    expect(body).to.match(/^meterkit_push_duration_seconds_count\{exporter="pushgateway"\} 1$/m)
    expect(body).to.match(/^meterkit_push_points_total\{exporter="pushgateway"\} [1-9]\d*$/m)
    const sizeBytes = receiver.requests[0]?.body.length
    expect(body).to.match(new RegExp(`^meterkit_push_bytes_total\\{exporter="pushgateway"\\} ${sizeBytes}$`, 'm'))
  })

  it('makes its own metrics once, however often it is called', async () => {
    for (let call = 0; call < 3; call++) await metrics.push()
    const { resourceMetrics } = await metrics.metricProducer.collect()
    const names = resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.map(({ descriptor }) => descriptor.name),
    )
    expect(names.filter((name) => name === 'meterkit_push_points_total')).to.have.length(1)
  })

  it('tries again while the receiver cannot take it', async () => {
    receiver.answer = (response, request) => {
      if (request === 0) response.writeHead(503).end()
      else if (request === 1) response.socket?.resetAndDestroy()
      else response.writeHead(202).end()
    }
    await metrics.push()
    expect(receiver.requests).to.have.length(3)
    expect(receiver.requests.map(({ body }) => /^orders_total 3$/m.test(body.toString()))).to.deep.equal([
      true,
      true,
      true,
    ])
    expect(await failures('unavailable')).to.equal('0')
  })

  it('rejects at once where the receiver does not want it, with what it said', async () => {
    receiver.answer = (response) => void response.writeHead(400).end('no such thing')
    expect(await failure(metrics.push())).to.equal('the receiver answered 400 no such thing')
    expect(receiver.requests).to.have.length(1)
    expect(await failures('refused')).to.equal('1')
  })

  it('follows no redirection, as what answers there need be no receiver', async () => {
    receiver.answer = (response) => void response.writeHead(302, { location: 'http://user:hush@a/login' }).end()
    expect(await failure(metrics.push())).to.equal('the receiver answered 302 and sends on to "http://****@a/login"')
    expect(receiver.requests).to.have.length(1)
    expect(await failures('refused')).to.equal('1')
  })

  it('shows user and password of the URL to the receiver, and to nobody else', async () => {
    const url = receiver.url.replace('//', '//user:p%40ss@')
    await metrics.push({ url })
    await metrics.push({ url, headers: { Authorization: 'Bearer t' } })
    expect(receiver.requests.map(({ headers }) => headers.authorization)).to.deep.equal([
      `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
      'Bearer t',
    ])
    const refused = await failure(metrics.push({ url: 'http://user:hush@localhost:1' }))
    expect(refused).not.to.include('hush')
    // Port 1 is one that fetch opens to nobody: it is not tried again.
    expect(refused).to.match(/bad port/)
    expect(await failures('other')).to.equal('1')
  })

  it('is no request of the application, whatever it is called by', async () => {
    const measured = createMetrics({ exporters: [], push: { url: receiver.url }, runtime: false, logger: false })
    try {
      await measured.push()
      await measured.push({ headers: { 'User-Agent': 'orders/1' } })
      await measured.push({ to: 'remote-write', url: `${receiver.url}/api/v1/write` })
      expect(receiver.requests.map(({ headers }) => headers['user-agent'])).to.deep.equal([
        'meterkit-push',
        'orders/1 meterkit-push',
        'meterkit-push',
      ])
      expect((await measured.render()).body).not.to.include('http_client_requests_total{')
    } finally {
      await measured.shutdown()
    }
  })

  it('has its path before the query of the URL', async () => {
    await metrics.push({ url: `${receiver.url}/base/?tenant=a` })
    expect(receiver.requests[0]?.path).to.equal('/base/metrics/job/orders/shard/7?tenant=a')
  })

  it('leaves a receiver alone until a date', async () => {
    receiver.answer = (response) => {
      response.writeHead(503, { 'retry-after': new Date(Date.now() + 3_600_000).toUTCString() }).end()
    }
    expect(await failure(metrics.push({ timeoutMs: PATIENCE_MS }))).to.match(/answered 503/)
    expect(receiver.requests).to.have.length(1)
  })

  it('counts no points for what it deletes', async () => {
    await metrics.push({ action: 'delete' })
    expect((await metrics.render()).body).to.match(/^meterkit_push_points_total\{exporter="pushgateway"\} 0$/m)
  })

  it('rejects when the time is over, and waits no longer than the receiver says', async () => {
    receiver.answer = (response) => void response.writeHead(429, { 'retry-after': '3600' }).end()
    expect(await failure(metrics.push({ timeoutMs: PATIENCE_MS }))).to.match(/answered 429/)
    expect(receiver.requests).to.have.length(1)
    expect(await failures('unavailable')).to.equal('1')
    receiver.answer = () => undefined
    await failure(metrics.push({ timeoutMs: 200 }))
    expect(await failures('timeout')).to.equal('1')
  })

  it('rejects where nobody is there', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await failure(metrics.push({ url, timeoutMs: PATIENCE_MS }))).to.match(/ECONNREFUSED/)
    expect(await failures('connection')).to.equal('1')
  })

  it('refuses what cannot be, saying what can', async () => {
    expect(await failure(metrics.push({ to: 'pushgatway' as never }))).to.equal(
      'Cannot start "metrics": push.to must be one of pushgateway, remote-write, got "pushgatway". Write "pushgateway".',
    )
    for (const name of ['a-b', 'job', 'le', '__name__']) {
      expect(await failure(metrics.push({ groupingKey: { [name]: 1 } }))).to.match(
        /push\.groupingKey\[".*"\] must be a string, .* by a label name other than job and le, got 1\./,
      )
    }
    expect(receiver.requests).to.have.length(0)
  })
})
