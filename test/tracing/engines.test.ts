import { expect } from 'chai'
import { type Found, install, run } from './project'

const metrics = `const { initMetrics, getMetrics } = require('meterkit')`
const start = `initMetrics({ serviceName: 'traced', prometheus: { port: 0 }, logger: false })`
const sdk = `require('./programs/sdk.cjs').startSdk()`
const load = `const express = require('express'); const http = require('node:http')`
const traffic = `require('./programs/traffic.cjs').run({ express, http }, getMetrics)`

/** What three requests and one that is left come to, in and out. */
const COUNTS = [
  'http_client_failures_total{method="GET",host="front",error="AbortError"} 1',
  'http_client_requests_total{method="GET",host="backend",status_code="200"} 6',
  'http_client_requests_total{method="GET",host="front",status_code="(none)"} 1',
  'http_client_requests_total{method="GET",host="front",status_code="200"} 3',
  'http_requests_total{method="GET",path="/",status_code="200"} 6',
  'http_requests_total{method="GET",path="/left",status_code="499"} 1',
  'http_requests_total{method="GET",path="/users/:id",status_code="200"} 3',
]

const SERVER = 1
const CLIENT = 2

/** The families of metrics whose names begin with `http`. */
const FAMILIES = [
  'http_client_failures',
  'http_client_request_duration_seconds',
  'http_client_requests',
  'http_request_duration_seconds',
  'http_requests',
  'http_requests_in_flight',
]

function checkCounts({ counts, inFlight, families }: Found): void {
  expect([...families].sort()).to.deep.equal(FAMILIES)
  // A page has hosts in the order of their ports.
  expect([...counts].sort()).to.deep.equal(COUNTS)
  expect(inFlight).to.deep.equal(['http_requests_in_flight{method="GET"} 0'])
}

/** Ten requests arrive, and all of them were sent by this process; six of them are to the second server. */
function checkSpans({ spans, propagated }: Found): void {
  expect(propagated).to.equal(6)
  expect(spans.filter(({ kind }) => kind === SERVER)).to.have.lengthOf(10)
  expect(spans.filter(({ kind }) => kind === CLIENT)).to.have.lengthOf(10)
}

/** Each exemplar is a request's own span: of the server's in the server's metrics, of the client's in the client's. */
function checkExemplars({ exemplars, spans }: Found): void {
  const seen = new Set<string>()
  for (const line of exemplars) {
    const [, name, labels, traceId, spanId] =
      /^(http_\w+)_bucket\{(.*),le=".*"\} \d+ # \{trace_id="(.*)",span_id="(.*)"\}/.exec(line) ?? []
    const kind = name === 'http_request_duration_seconds' ? SERVER : CLIENT
    const span = spans.find((one) => one.spanId === spanId)
    expect(span, `${line} names no span that was finished`).to.not.equal(undefined)
    expect(span?.traceId).to.equal(traceId)
    expect(span?.kind, line).to.equal(kind)
    seen.add(`${name} ${labels}`)
  }
  // Every series has one.
  expect([...seen].sort()).to.deep.equal([
    'http_client_request_duration_seconds method="GET",host="backend",status_code="200"',
    'http_client_request_duration_seconds method="GET",host="front",status_code="(none)"',
    'http_client_request_duration_seconds method="GET",host="front",status_code="200"',
    'http_request_duration_seconds method="GET",path="/",status_code="200"',
    'http_request_duration_seconds method="GET",path="/left",status_code="499"',
    'http_request_duration_seconds method="GET",path="/users/:id",status_code="200"',
  ])
}

describe('an application that traces', () => {
  before(() => install())

  for (const [title, lines] of [
    ['starts its SDK, then its metrics', [sdk, metrics, start, load]],
    ['starts its metrics, then its SDK', [metrics, start, sdk, load]],
    ['starts its SDK, loads its framework, then starts its metrics', [sdk, load, metrics, start]],
    ['starts its metrics, loads http, then starts its SDK', [metrics, start, `require('node:http')`, sdk, load]],
  ] as const) {
    it(`${title}: each request counts once, and exemplars are its spans`, () => {
      const found = run([...lines, traffic].join('\n'))
      checkCounts(found)
      checkExemplars(found)
    })
  }

  it("has each request once under the name of OpenTelemetry's conventions, too", () => {
    const semconv = `initMetrics({ prometheus: { port: 0 }, logger: false, semconv: true })`
    for (const lines of [
      [sdk, metrics, semconv, load],
      [metrics, semconv, sdk, load],
    ]) {
      const { conventional } = run([...lines, traffic].join('\n'))
      const counts = conventional.map((line) => Number(line.split(' ').at(-1)))
      expect(counts.sort((a, b) => a - b)).to.deep.equal([1, 3, 6])
    }
  })

  it('is measured by --require meterkit/register, in either order with its SDK', () => {
    for (const flags of [
      ['--require', 'meterkit/register', '--require', './programs/start-sdk.cjs'],
      ['--require', './programs/start-sdk.cjs', '--require', 'meterkit/register'],
    ]) {
      const found = run([metrics, load, traffic].join('\n'), { flags })
      expect(found.complaints).to.equal('')
      checkCounts(found)
      checkExemplars(found)
    }
  })

  it("gets its spans from the engine 'opentelemetry' where it has a tracer provider and no instrumentation of HTTP", () => {
    const traced = `initMetrics({ prometheus: { port: 0 }, http: { engine: 'opentelemetry' } })`
    const bare = `require('./programs/sdk.cjs').startSdk({ instrumentations: [] })`
    for (const lines of [
      [bare, metrics, traced, load],
      [metrics, traced, bare, load],
    ]) {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal('')
      checkCounts(found)
      checkExemplars(found)
      checkSpans(found)
    }
  })

  it('gets neither spans of HTTP nor headers of traces where it has a tracer provider and has not asked for them', () => {
    const bare = `require('./programs/sdk.cjs').startSdk({ instrumentations: [] })`
    for (const lines of [
      [bare, metrics, start, load],
      [metrics, start, bare, load],
    ]) {
      const found = run([...lines, traffic].join('\n'))
      checkCounts(found)
      expect(found.spans).to.deep.equal([])
      expect(found.propagated).to.equal(0)
    }
  })

  it("has one span a request where both it and the engine 'opentelemetry' instrument HTTP", () => {
    const traced = `initMetrics({ prometheus: { port: 0 }, http: { engine: 'opentelemetry' } })`
    const found = run([sdk, load, metrics, traced, traffic].join('\n'))
    checkCounts(found)
    checkExemplars(found)
    checkSpans(found)
  })

  it('in ESM, its SDK set up before by --import: named and default imports of http', () => {
    for (const http of [`import * as http from 'node:http'`, `import http from 'node:http'`]) {
      const program = [
        `import express from 'express'`,
        http,
        `import { getMetrics } from 'meterkit'`,
        `import { run } from './programs/traffic.cjs'`,
        'await run({ express, http }, getMetrics)',
      ].join('\n')
      const flags = ['--import', 'meterkit/register', '--import', './programs/start-sdk.cjs']
      const found = run(program, { flags, type: 'module' })
      expect(found.complaints).to.equal('')
      checkCounts(found)
    }
  })

  it('by auto-instrumentations alone, with meterkit/register before or after', () => {
    const auto = ['--require', '@opentelemetry/auto-instrumentations-node/register']
    const own = ['--require', 'meterkit/register']
    const env = {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    }
    for (const flags of [
      [...own, ...auto],
      [...auto, ...own],
    ]) {
      checkCounts(run([metrics, load, traffic].join('\n'), { flags, env }))
    }
  })

  it('and has a MeterProvider of its own: what it measures goes there, and counts here once', () => {
    const own = `
      const { PeriodicExportingMetricReader, InMemoryMetricExporter, AggregationTemporality } = require('@opentelemetry/sdk-metrics')
      const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
      require('./programs/sdk.cjs').startSdk({ metricReaders: [new PeriodicExportingMetricReader({ exporter })] })`
    const found = run([own, metrics, start, load, traffic].join('\n'))
    checkCounts(found)
    checkExemplars(found)
  })

  it('and pushes by OTLP: the pushes are no requests of its own', () => {
    const pushing = `
      const { PeriodicExportingMetricReader } = require('@opentelemetry/sdk-metrics')
      const { OTLPMetricExporter } = require('@opentelemetry/exporter-metrics-otlp-http')
      const http = require('node:http')
      const { createMetrics } = require('meterkit')
      let pushes = 0
      const receiver = http.createServer((request, response) => {
        pushes++
        request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
      }).listen(0, '127.0.0.1', async () => {
        const exporter = new OTLPMetricExporter({ url: 'http://127.0.0.1:' + receiver.address().port + '/v1/metrics' })
        const metrics = createMetrics({ exporters: [new PeriodicExportingMetricReader({ exporter })], logger: false })
        await metrics.flush()
        await metrics.flush()
        const { body } = await metrics.render()
        console.log(JSON.stringify({ counts: [String(pushes >= 2), String(body.includes('http_client_requests_total{'))] }))
        process.exit()
      })`
    // Without a context manager, the name of the exporter tells; with one, its mark as well.
    expect(run(pushing).counts).to.deep.equal(['true', 'false'])
    expect(run(`${sdk}\n${pushing}`).counts).to.deep.equal(['true', 'false'])
  })
})
