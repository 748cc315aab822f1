import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect } from 'chai'
import { until } from '../support/until'
import { type Example, startExample } from './example'
import { describeWithPrograms } from './programs'

describeWithPrograms('promtool', ['promtool'], () => {
  describe('on the page of the example', () => {
    let example: Example

    before(async function () {
      this.timeout(60_000)
      example = await startExample()
    })

    after(async () => {
      await example?.stop()
    })

    it('finds nothing to complain of', async () => {
      const page = await until(
        'a page with every metric on it',
        async () => {
          const body = await (await fetch(example.metricsUrl)).text()
          const isComplete = [
            'circuit_breaker_rejections_total{',
            'message_bus_events_failed_total{',
            'status_code="499"',
          ].every((part) => body.includes(part))
          return isComplete ? body : undefined
        },
        { timeoutMs: 30_000 },
      )
      const check = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' })
      expect([check.stdout, check.stderr, check.status]).to.deep.equal(['', '', 0])
    })
  })

  it('accepts otel-config/prometheus.yml', () => {
    const check = spawnSync('promtool', ['check', 'config', resolve(__dirname, '../../otel-config/prometheus.yml')], {
      encoding: 'utf8',
    })
    expect(check.status, check.stdout + check.stderr).to.equal(0)
  })
})
