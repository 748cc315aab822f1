import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createMetrics } from '../../src/init'

const SOURCE = join(__dirname, '../../src/store/self-metrics.ts')

describe('What the store says about itself', () => {
  it('is what the comment on it shows', async () => {
    const metrics = createMetrics({ exporters: [], http: false, runtime: false, selfMetrics: false, logger: false })
    const orders = metrics.counter({ name: 'orders_placed_total', labelNames: ['region'], cardinalityLimit: 1 })
    orders.add(-1, { region: 'eu' })
    orders.add(1, { region: 'eu' })
    orders.add(1, { region: 'us' })
    metrics.observableGauge({ name: 'queue_depth', callback: () => Promise.reject(new Error('gone')) })
    const samples = (await metrics.render()).body.split('\n').filter((line) => line.startsWith('meterkit_'))
    await metrics.shutdown()
    const [, block = ''] = /```text\n(.*?) \* ```/s.exec(readFileSync(SOURCE, 'utf8')) ?? []
    const shown = block.split('\n').flatMap((line) => (line.startsWith(' * ') ? [line.slice(' * '.length)] : []))
    expect(shown).to.have.members(samples).and.to.have.lengthOf(3)
  })
})
