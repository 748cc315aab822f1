import Ajv from 'ajv/dist/2020'
import { expect } from 'chai'
import { fileSchema } from '../../src/config/file-schema'

describe('The schema of distribution.meterkit', () => {
  const holds = new Ajv({ strict: true, allowUnionTypes: true }).compile(fileSchema())

  for (const own of [
    {},
    { http: false },
    { http: { ignore: ['/health'], maxPaths: 5, client: false } },
    { prometheus: { endpoints: { '/metrics/http': { include: ['http_*'] } }, server: false } },
    { otlp: [{ endpoint: 'https://a/m', headers: { k: 'v' } }, {}], exporters: ['otlp', 'prometheus'] },
    { resource: { a: ['b', 'c'], d: [1], e: [true], f: 'g' } },
    { constantLabels: { zone: 'a', shard: 1 }, cardinalityLimit: 1, logLevel: 'none' },
  ]) {
    it(`takes ${JSON.stringify(own)}`, () => expect(holds(own), JSON.stringify(holds.errors)).to.equal(true))
  }

  for (const own of [
    { htttp: false },
    { http: true },
    { http: { maxPaths: 0 } },
    { prometheus: { port: 65_536 } },
    { prometheus: { path: 'metrics' } },
    { otlp: { protocol: 'udp' } },
    { resource: { a: ['b', 1] } },
    { constantLabels: { a: ['b'] } },
    { exporters: [] },
    { logger: {} },
  ]) {
    it(`refuses ${JSON.stringify(own)}`, () => expect(holds(own)).to.equal(false))
  }
})
