import { expect } from 'chai'
import { checkCounts, checkExemplars } from './checks'
import { install, run } from './project'

const metrics = `const { initMetrics, getMetrics } = require('meterkit')`
const start = `initMetrics({ serviceName: 'traced', prometheus: { port: 0 }, logger: false })`
const sdk = `require('./programs/sdk.cjs').startSdk()`
const load = `const express = require('express'); const http = require('node:http')`
const traffic = `require('./programs/traffic.cjs').run({ express, http }, getMetrics)`

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
