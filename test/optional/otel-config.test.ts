import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { JsonReceiver } from './receivers'

const root = join(__dirname, '../..')
const folder = join(root, 'otel-config')

interface Started {
  /** The page, where there is one. */
  readonly page: string
  readonly errors: string
}

/** A service that counts the same whatever its file says; the last of its metrics has so many series. */
const program = (jobs: number) => `
const metrics = require(${JSON.stringify(root)}).initMetrics()
metrics.counter({ name: 'orders_placed_total', labelNames: ['region'] }).add(3, { region: 'eu' })
const many = metrics.counter({ name: 'jobs_total', labelNames: ['job'] })
for (let job = 0; job < ${jobs}; job++) many.add(1, { job: 'j' + job })
const meter = metrics.meterProvider.getMeter('library')
const sessions = meter.createCounter('orders_viewed')
for (let session = 0; session < 10; session++) sessions.add(1, { session_id: session })
meter.createHistogram('lookup.duration', { unit: 's' }).record(0.3)
metrics.ready().then(async ({ url }) => {
  const page = url === '' ? '' : await (await fetch(url, { headers: { 'accept-encoding': 'identity' } })).text()
  console.log(page)
  await metrics.flush()
  await metrics.shutdown()
})
`

describe('The ready configuration', function () {
  this.timeout(60_000)

  let receiver: JsonReceiver
  before(async () => {
    receiver = new JsonReceiver()
    await receiver.start()
  })
  beforeEach(() => receiver.sums.clear())
  after(() => receiver.stop())

  async function started(file: string, jobs = 1): Promise<Started> {
    const child = spawn(process.execPath, ['-e', program(jobs)], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        NODE_PATH: process.env.NODE_PATH,
        OTEL_CONFIG_FILE: join(folder, file),
        OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop',
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: receiver.url,
        // What the receiver of this test reads.
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        METRICS_PORT: '0',
      },
    })
    const [page, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    expect(errors).not.to.match(/error|warning/i)
    expect(child.exitCode, errors).to.equal(0)
    return { page, errors }
  }

  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && file !== 'collector.yaml')

  it('is all of it started below', () => {
    expect(files.sort()).to.deep.equal(
      ['both.yaml', 'high-cardinality.yaml', 'push-only.yaml', 'scrape-only.yaml', 'serverless.yaml'].sort(),
    )
    for (const file of files) expect(readFileSync(join(folder, file), 'utf8')).to.match(/^# .*\n# .*\nfile_format/)
  })

  it('scrape-only.yaml shows a page and sends nothing', async () => {
    const { page } = await started('scrape-only.yaml')
    expect(page).to.include('\norders_placed_total{service_namespace="shop",region="eu"} 3\n')
    expect(page).to.include('target_info{service_name="orders"')
    expect(receiver.sums.size).to.equal(0)
  })

  it('push-only.yaml sends all and listens nowhere', async () => {
    const { page } = await started('push-only.yaml')
    expect(page.trim()).to.equal('')
    // It is sent from its beginning on, by flush and by shutdown.
    expect(receiver.sums.get('orders_placed_total')).to.equal(6)
  })

  it('both.yaml shows a page and sends the same', async () => {
    const { page } = await started('both.yaml')
    expect(page).to.include('\norders_placed_total{region="eu"} 3\n')
    expect(receiver.sums.get('orders_placed_total')).to.equal(6)
  })

  it('high-cardinality.yaml keeps 2,500 series, leaves an attribute out and has an exponential histogram', async () => {
    const { page } = await started('high-cardinality.yaml', 2_500)
    expect(page.match(/^jobs_total\{/gm)).to.have.length(2_500)
    expect(page).not.to.include('otel_metric_overflow')
    expect(page).to.include('\norders_viewed_total 10\n')
    // On a page without native histograms, a power of two is a bucket.
    expect(page).to.include('lookup_duration_seconds_bucket{le="0.5"} 1')
    expect(page).not.to.include('lookup_duration_seconds_bucket{le="0.005"}')
  })

  it('serverless.yaml sends what was added, once, and measures nothing by itself', async () => {
    const { page } = await started('serverless.yaml')
    expect(page.trim()).to.equal('')
    expect(receiver.sums.get('orders_placed_total')).to.equal(3)
    expect([...receiver.sums.keys()].filter((name) => /^(nodejs|process|meterkit_collect)_/.test(name))).to.deep.equal(
      [],
    )
  })
})
