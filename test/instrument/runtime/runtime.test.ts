import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { PerformanceObserver } from 'node:perf_hooks'
import { expect } from 'chai'
import { createMetrics, type MetricsService } from '../../../src/init'
import { instrumentRuntime, type RuntimeInstrumentation } from '../../../src/instrument/runtime/runtime'
import { buildFault } from '../../docs/programs'
import { collectGarbage } from '../../support/garbage'
import { samplesOf } from '../../support/page'
import { until } from '../../support/until'
import { completePage } from './complete-page'

/** What prom-client 15 and @prometheus-io/client 0.16 expose by default on Linux, with the types they give. */
const PROM_CLIENT_DEFAULTS: Readonly<Record<string, string>> = {
  process_cpu_user_seconds_total: 'counter',
  process_cpu_system_seconds_total: 'counter',
  process_cpu_seconds_total: 'counter',
  process_start_time_seconds: 'gauge',
  process_resident_memory_bytes: 'gauge',
  process_virtual_memory_bytes: 'gauge',
  process_heap_bytes: 'gauge',
  process_open_fds: 'gauge',
  process_max_fds: 'gauge',
  nodejs_eventloop_lag_seconds: 'gauge',
  nodejs_eventloop_lag_min_seconds: 'gauge',
  nodejs_eventloop_lag_max_seconds: 'gauge',
  nodejs_eventloop_lag_mean_seconds: 'gauge',
  nodejs_eventloop_lag_stddev_seconds: 'gauge',
  nodejs_eventloop_lag_p50_seconds: 'gauge',
  nodejs_eventloop_lag_p90_seconds: 'gauge',
  nodejs_eventloop_lag_p99_seconds: 'gauge',
  nodejs_active_resources: 'gauge',
  nodejs_active_resources_total: 'untyped',
  nodejs_active_handles: 'gauge',
  nodejs_active_handles_total: 'untyped',
  nodejs_active_requests: 'gauge',
  nodejs_active_requests_total: 'untyped',
  nodejs_heap_size_total_bytes: 'gauge',
  nodejs_heap_size_used_bytes: 'gauge',
  nodejs_external_memory_bytes: 'gauge',
  nodejs_heap_space_size_total_bytes: 'gauge',
  nodejs_heap_space_size_used_bytes: 'gauge',
  nodejs_heap_space_size_available_bytes: 'gauge',
  nodejs_version_info: 'gauge',
  nodejs_gc_duration_seconds: 'histogram',
}

describe('runtime instrumentation', () => {
  let metrics: MetricsService
  let runtime: RuntimeInstrumentation

  beforeEach(() => {
    metrics = createMetrics({ serviceName: 'runtime', exporters: [], http: false, runtime: false, logger: false })
    runtime = instrumentRuntime(metrics)
  })

  afterEach(async () => {
    runtime.stop()
    await metrics.shutdown()
  })

  const page = async () => (await metrics.render()).body
  const samples = async () => samplesOf(await page())
  const value = async (series: string) => (await samples()).get(series) ?? Number.NaN

  it('has every default metric of prom-client, with its type; gauges that are called _total have none', async () => {
    const complete = await completePage(metrics)
    const types = Object.fromEntries(
      [...complete.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
    )
    expect(types).to.include(PROM_CLIENT_DEFAULTS)
  })

  it('never exposes NaN, from the first collection on', async () => {
    for (let scrape = 0; scrape < 5; scrape++) {
      for (const [series, number] of await samples()) expect(number, series).to.satisfy(Number.isFinite)
    }
  })

  it('tells the version of Node.js', async () => {
    const [major, minor, patch] = process.versions.node.split('.')
    const series = `nodejs_version_info{major="${major}",minor="${minor}",patch="${patch}",version="${process.version}"}`
    expect(await value(series)).to.equal(1)
  })

  it('tells when the process started', async () => {
    const started = await value('process_start_time_seconds')
    expect(started).to.be.closeTo(Date.now() / 1000 - process.uptime(), 1)
  })

  it('counts CPU seconds since the process started', async () => {
    const before = await samples()
    const busyUntil = cpuSeconds() + 0.03
    while (cpuSeconds() < busyUntil);
    const after = await samples()
    const spent = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
    expect(spent('process_cpu_seconds_total')).to.be.within(0.03, 5)
    expect(after.get('process_cpu_seconds_total')).to.be.closeTo(
      (after.get('process_cpu_user_seconds_total') ?? 0) + (after.get('process_cpu_system_seconds_total') ?? 0),
      1e-6,
    )
    expect(after.get('process_cpu_seconds_total')).to.be.closeTo(cpuSeconds(), 0.5)
  })

  it('shows a blocked event loop in the lag and its quantiles', async () => {
    // The monitor takes its bearings at the first firing of its timer.
    await until('event-loop delay', async () => ((await page()).includes('_lag_max_seconds ') ? true : undefined))
    const busyUntilMs = performance.now() + 120
    while (performance.now() < busyUntilMs);
    const longest = await until('the delay to be sampled', async () => {
      const max = await value('nodejs_eventloop_lag_max_seconds')
      return max > 0.05 ? max : undefined
    })
    expect(longest).to.be.within(0.09, 5)
    expect(await value('nodejs_eventloop_lag_p99_seconds')).to.be.at.most(longest * 1.01)
    expect(await value('nodejs_eventloop_utilization_ratio')).to.be.within(0.01, 1)
  })

  it('times garbage collections by kind', async () => {
    const before = await samples()
    const major = 'nodejs_gc_duration_seconds_count{kind="major"}'
    expect(before.get(major), 'before the first').to.be.a('number')
    collectGarbage()
    collectGarbage()
    const after = await until('both collections', async () => {
      const now = await samples()
      return (now.get(major) ?? 0) - (before.get(major) ?? 0) >= 2 ? now : undefined
    })
    const sum = 'nodejs_gc_duration_seconds_sum{kind="major"}'
    expect((after.get(sum) ?? 0) - (before.get(sum) ?? 0)).to.be.within(1e-5, 5)
  })

  it('names heap spaces as dashboards do', async () => {
    const spaces = [...(await samples()).keys()].filter((series) =>
      series.startsWith('nodejs_heap_space_size_used_bytes'),
    )
    expect(spaces).to.include.members([
      'nodejs_heap_space_size_used_bytes{space="new"}',
      'nodejs_heap_space_size_used_bytes{space="old"}',
      'nodejs_heap_space_size_used_bytes{space="code"}',
      'nodejs_heap_space_size_used_bytes{space="large_object"}',
    ])
  })

  it('reads memory in bytes', async () => {
    const now = await samples()
    const { rss, heapTotal } = process.memoryUsage()
    expect(now.get('process_resident_memory_bytes')).to.be.within(rss / 2, rss * 2)
    expect(now.get('nodejs_heap_size_total_bytes')).to.be.within(heapTotal / 2, heapTotal * 2)
    expect(now.get('nodejs_heap_size_used_bytes')).to.be.below(heapTotal * 2)
    expect(now.get('process_virtual_memory_bytes')).to.be.above(rss)
  })

  it('counts handles by type, and forgets a type that has gone', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => server.once('listening', listening))
    const open = await samples()
    await new Promise((closed) => server.close(closed))
    const servers = 'nodejs_active_handles{type="Server"}'
    const shut = await until('libuv to let go of the handle', async () => {
      const now = await samples()
      return (now.get(servers) ?? 0) < (open.get(servers) ?? 0) ? now : undefined
    })

    expect((open.get(servers) ?? 0) - (shut.get(servers) ?? 0)).to.equal(1)
    expect(shut.get(servers), 'no series for nothing').not.to.equal(0)
    expect(open.get('nodejs_active_handles_total')).to.be.at.least(1)
    expect(open.get('nodejs_active_resources{type="TCPServerWrap"}')).to.be.at.least(1)
    const handles = [...open].filter(([series]) => series.startsWith('nodejs_active_handles{'))
    expect(open.get('nodejs_active_handles_total')).to.equal(handles.reduce((sum, [, count]) => sum + count, 0))
  })

  it('counts open file descriptors exactly', async () => {
    const before = await value('process_open_fds')
    const opened = Array.from({ length: 7 }, () => openSync(__filename, 'r'))
    const during = await value('process_open_fds')
    for (const fd of opened) closeSync(fd)
    expect(during - before).to.equal(7)
    expect(await value('process_max_fds')).to.be.at.least(during)
  })

  it('shows nothing that is read at collection once it is stopped', async () => {
    runtime.stop()
    runtime.stop()
    const left = [...(await samples()).keys()].filter((series) => /^(nodejs|process)_/.test(series))
    expect(
      left.filter(
        (series) => !/^(nodejs_gc_duration_|nodejs_version_info|process_start_time_|process_max_fds)/.test(series),
      ),
    ).to.deep.equal([])
  })

  it('watches garbage collections no longer once it is stopped', async () => {
    runtime.stop()
    const major = 'nodejs_gc_duration_seconds_count{kind="major"}'
    const before = await value(major)
    const told = new Promise((resolve) => {
      const observer = new PerformanceObserver(() => resolve(observer.disconnect()))
      observer.observe({ entryTypes: ['gc'] })
    })
    collectGarbage()
    await told
    expect(await value(major)).to.equal(before)
  })

  it('lets concurrent collections see the same process', async () => {
    const pages = await Promise.all([page(), page(), page()])
    for (const body of pages) {
      expect(samplesOf(body).get('nodejs_heap_size_used_bytes')).to.be.above(0)
      expect(samplesOf(body).get('nodejs_eventloop_lag_seconds')).to.be.at.least(0)
    }
  })

  it('does not keep the process alive', () => {
    const project = resolve(__dirname, '../../..')
    const program = `
      const { createMetrics } = require('./dist/init')
      const { instrumentRuntime } = require('./dist/instrument/runtime/runtime')
      const metrics = createMetrics({ serviceName: 'short', exporters: [], http: false, runtime: false })
      instrumentRuntime(metrics)
      metrics.render().then(({ body }) => console.log(body.includes('nodejs_version_info')))`
    expect(buildFault()).to.equal(undefined)
    const run = spawnSync(process.execPath, ['-e', program], {
      cwd: project,
      encoding: 'utf8',
      timeout: 50_000,
    })
    expect({ status: run.status, signal: run.signal, out: run.stdout.trim() }, run.stderr).to.deep.equal({
      status: 0,
      signal: null,
      out: 'true',
    })
  })
})

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
