import { metrics as globalMetrics } from '@opentelemetry/api'
import { expect } from 'chai'
import { getMetrics, initMetrics, runJob } from '../../src/init'
import { RecordingLogger } from '../support/recording-logger'
import { PushReceiver } from './receiver'

describe('runJob', () => {
  let receiver: PushReceiver
  const log = new RecordingLogger()
  beforeEach(async () => {
    receiver = new PushReceiver()
    await receiver.start()
    log.lines.length = 0
  })
  afterEach(() => receiver.stop())

  const options = (push = {}) => ({
    serviceName: 'nightly',
    push: { url: receiver.url, ...push },
    http: false as const,
    runtime: false,
    logger: log,
    logLevel: 'warn' as const,
  })
  const pages = () => receiver.requests.map(({ body }) => body.toString())

  it('gives what the function gives, and pushes once', async () => {
    const result = await runJob((metrics) => {
      metrics.counter({ name: 'rows_total' }).add(5)
      globalMetrics.getMeter('library').createCounter('library.calls').add(2)
      return 'done'
    }, options())
    expect(result).to.equal('done')
    expect(receiver.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal([
      'POST /metrics/job/nightly',
    ])
    const [page] = pages()
    expect(page).to.match(/^rows_total 5$/m)
    expect(page).to.match(/^library_calls_total 2$/m)
    expect(page).to.match(/^job_runs_total\{job_name="nightly"\} 1$/m)
    expect(page).to.match(/^job_last_success_timestamp_seconds\{job_name="nightly"\} [1-9]/m)
    expect(() => getMetrics(), 'it is shut down').to.throw(/Cannot get "metrics"/)
  })

  it('pushes also where the function throws, which it goes on doing', async () => {
    const error = new RangeError('too much')
    const thrown = await runJob(() => Promise.reject(error), options({ job: 'import' })).catch(
      (reason: unknown) => reason,
    )
    expect(thrown).to.equal(error)
    const [page, ...others] = pages()
    expect(others).to.deep.equal([])
    expect(page).to.match(/^job_failures_total\{job_name="import",error="RangeError"\} 1$/m)
    expect(page, 'what the group has of an earlier success stays').to.not.match(/^job_last_success_timestamp_seconds/m)
  })

  it('does not fail where only the push fails', async () => {
    receiver.answer = (response) => void response.writeHead(403).end('who are you?')
    expect(await runJob(() => 'done', options())).to.equal('done')
    expect(log.lines).to.deep.equal([
      'error: the metrics of the job "nightly" could not be pushed: the receiver answered 403 who are you?',
    ])
  })

  it('shuts its service down with the last of those that run at once', async () => {
    const first = runJob(async (metrics) => metrics.counter({ name: 'rows_total' }).add(1), options())
    let end = () => {}
    const second = runJob(
      (metrics) =>
        new Promise<void>((resolve) => {
          end = () => {
            metrics.counter({ name: 'rows_total' }).add(1)
            resolve()
          }
        }),
      options(),
    )
    await first
    expect(getMetrics()).to.be.an('object')
    end()
    await second
    expect(pages().map((page) => /^rows_total (\d+)$/m.exec(page)?.[1])).to.deep.equal(['1', '2'])
    expect(() => getMetrics()).to.throw()
  })

  it('uses the service that runs, and leaves it running', async () => {
    const metrics = initMetrics({ ...options(), exporters: [] })
    try {
      await runJob((given) => expect(given).to.equal(metrics), options())
      expect(getMetrics()).to.equal(metrics)
      expect(receiver.requests).to.have.length(1)
    } finally {
      await metrics.shutdown()
    }
  })

  it('pushes a service that runs where it was told to, and nowhere where it was not', async () => {
    const told = initMetrics({ ...options(), exporters: [] })
    await runJob(() => {})
    await told.shutdown()
    expect(receiver.requests).to.have.length(1)
    const untold = initMetrics({ ...options(), push: undefined, exporters: [] })
    await runJob(() => {})
    const { body } = await untold.render()
    await untold.shutdown()
    expect(body, 'nobody was asked').not.to.include('exporter="pushgateway"')
    expect(log.lines).to.deep.equal([])
  })
})
