import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { until } from '../support/until'
import { EXAMPLE, startExample } from './example'

describe('the orders example', function () {
  this.timeout(60_000)

  it('shows every metric that it says to look at, in peace, and ends when it is told to', async () => {
    const example = await startExample()
    const [, list = ''] = /What to look at.*\n((?: {2}\w+ .*\n)+)/.exec(example.output()) ?? []
    const names = [...list.matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name)
    expect(names).to.have.length(5)

    await until('the metrics of the guide', async () => {
      const page = await (await fetch(example.metricsUrl)).text()
      return names.every((name) => new RegExp(`^${name}(_count)?[{ ]`, 'm').test(page)) ? true : undefined
    })

    expect(await example.stop()).to.equal(0)
    expect(example.output()).not.to.match(/warning|error|reject/i)
  })

  it('says what to do where the port of the metrics is taken', async () => {
    const other = createServer().listen(0, 'localhost')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    try {
      const child = spawn(process.execPath, EXAMPLE, { env: { ...process.env, METRICS_PORT: String(port) } })
      let said = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text
      })
      const [code] = await once(child, 'close')
      expect(code).to.equal(1)
      expect(said).to.include(`"localhost:${port}"`).and.match(/taken/)
    } finally {
      other.close()
    }
  })
})
