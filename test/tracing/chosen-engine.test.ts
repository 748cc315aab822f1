import { expect } from 'chai'
import { checkCounts, checkExemplars, checkSpans } from './checks'
import { type Found, install, run } from './project'

const metrics = `const { initMetrics, getMetrics } = require('meterkit')`
const start = `initMetrics({ prometheus: { port: 0 } })`
const asked = `initMetrics({ prometheus: { port: 0 }, http: { engine: 'opentelemetry' } })`
const refused = `initMetrics({ prometheus: { port: 0 }, http: { engine: 'channels' } })`
const bare = `require('./programs/start-bare.cjs')`
const sdk = `require('./programs/start-sdk.cjs')`
const auto = `require('./programs/start-auto.cjs')`
const load = `const express = require('express'); const http = require('node:http')`
const traffic = `require('./programs/traffic.cjs').run({ express, http }, getMetrics)`
/** An application may set up its instrumentations at any time; \`http\` is wrapped when it is required next. */
const late = `
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http')
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici')
  require('@opentelemetry/instrumentation').registerInstrumentations({
    instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()],
  })
  require('node:http')
  require('node:https')`

const CHOSEN =
  'meterkit: HTTP requests are traced by @opentelemetry/instrumentation-http and @opentelemetry/instrumentation-undici, ' +
  "as a tracer provider is registered and nothing else traces them (http: { engine: 'channels' } turns that off)\n"

/** Each request counts once, has one span on each side, and leaves exemplars with these. */
function checkAll(found: Found): void {
  checkCounts(found)
  checkSpans(found)
  checkExemplars(found)
}

describe("the engine 'opentelemetry', where nobody says which", () => {
  before(() => install())

  for (const [title, lines] of [
    ['before', [bare, metrics, start, load]],
    ['after', [metrics, start, bare, load]],
    ['after http was loaded', [load, metrics, start, bare]],
  ] as const) {
    it(`is chosen where a tracer provider is registered ${title} and nothing traces requests, which the log tells`, () => {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal(CHOSEN)
      checkAll(found)
    })
  }

  for (const [title, lines] of [
    ['before', [sdk, metrics, start, load]],
    ['before, with http loaded in between', [sdk, load, metrics, start]],
    ['after', [metrics, start, sdk, load]],
    ['after http was loaded', [metrics, start, `require('node:http')`, sdk, load]],
    ['after the engine was chosen', [bare, metrics, start, load, late]],
    ['by auto-instrumentations before', [auto, metrics, start, load]],
    ['by auto-instrumentations after', [metrics, start, auto, load]],
  ] as const) {
    it(`leaves requests to the instrumentations that the application sets up ${title}`, () => {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal('')
      checkAll(found)
    })
  }

  it('steps aside for instrumentations that come between requests, and is told of in the log once', () => {
    const found = run([bare, metrics, start, load, `${traffic.slice(0, -1)}, { between() {${late}} })`].join('\n'))
    expect(found.complaints).to.equal(CHOSEN)
    checkAll(found)
  })

  it('is the one of ES modules, too: with default, named and all imports of http', () => {
    for (const http of [
      `import http from 'node:http'`,
      `import * as http from 'node:http'`,
      `import { createServer, get } from 'node:http'; const http = { createServer, get: (...args) => get(...args) }`,
    ]) {
      const program = [
        `import express from 'express'`,
        http,
        `import { getMetrics } from 'meterkit'`,
        `import { run } from './programs/traffic.cjs'`,
        'await run({ express, http }, getMetrics)',
      ].join('\n')
      for (const flags of [
        ['--import', 'meterkit/register', '--import', './programs/start-bare.cjs'],
        ['--import', './programs/start-bare.cjs', '--import', 'meterkit/register'],
      ]) {
        const found = run(program, { flags, type: 'module' })
        expect(found.complaints, http).to.equal(CHOSEN)
        checkAll(found)
      }
    }
  })

  it('leaves ES modules to the instrumentations of an application with a loader hook, in any order', () => {
    const program = [
      `import express from 'express'`,
      `import http from 'node:http'`,
      `import { getMetrics } from 'meterkit'`,
      `import { run } from './programs/traffic.cjs'`,
      'await run({ express, http }, getMetrics)',
    ].join('\n')
    const [hook, own, theirs] = ['./programs/loader-hook.mjs', 'meterkit/register', './programs/start-sdk.cjs']
    for (const order of [
      [hook, own, theirs],
      [own, hook, theirs],
      [hook, theirs, own],
    ]) {
      // Node.js 26 finds that the hook should be another one.
      const flags = ['--disable-warning=DEP0205', ...order.flatMap((name) => ['--import', name])]
      const found = run(program, { flags, type: 'module' })
      expect(found.complaints, order.join()).to.equal('')
      checkAll(found)
    }
  })

  it('counts nothing twice by the oldest instrumentations either, whichever names they measure under', () => {
    const flags = ['--require', './programs/oldest.cjs']
    for (const names of ['', 'http', 'http/dup']) {
      const env = { OTEL_SEMCONV_STABILITY_OPT_IN: names }
      for (const lines of [
        [bare, metrics, start, load],
        [sdk, metrics, start, load],
        [metrics, start, sdk, load],
      ]) {
        checkAll(run([...lines, traffic].join('\n'), { flags, env }))
      }
    }
  })

  it('is refused by an option: neither spans of HTTP nor headers of traces', () => {
    for (const lines of [
      [bare, metrics, refused, load],
      [metrics, refused, bare, load],
    ]) {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal('')
      checkCounts(found)
      expect(found.spans).to.deep.equal([])
      expect(found.propagated).to.equal(0)
    }
  })

  it('loads nothing where no tracer provider is registered', () => {
    const found = run([metrics, start, load, traffic].join('\n'))
    checkCounts(found)
    expect(found.loaded).to.deep.equal([])
  })
})

describe("the engine 'opentelemetry', asked for", () => {
  before(() => install())

  for (const [title, lines] of [
    ['before it', [bare, metrics, asked, load]],
    ['after it', [metrics, asked, bare, load]],
  ] as const) {
    it(`traces requests where a tracer provider is registered ${title}`, () => {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal('')
      checkAll(found)
    })
  }

  for (const [title, lines] of [
    ['before', [sdk, metrics, asked, load]],
    ['before, with http loaded in between', [sdk, load, metrics, asked]],
    ['after', [metrics, asked, sdk, load]],
    ['after that', [bare, metrics, asked, load, late]],
  ] as const) {
    it(`leaves requests to the instrumentations that the application sets up ${title}`, () => {
      const found = run([...lines, traffic].join('\n'))
      expect(found.complaints).to.equal('')
      checkAll(found)
    })
  }
})
