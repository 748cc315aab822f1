import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { describeWithPrograms } from './programs'

const RULES = resolve(__dirname, '../../otel-config/breaker-alerts.yml')

/** What a service has on its page, minute by minute, in promtool's notation, and which alerts then fire. */
interface Case {
  readonly title: string
  readonly series: Readonly<Record<string, string>>
  readonly fires: readonly string[]
}

const calls = (outcome: string) => `circuit_breaker_calls_total{breaker="b",outcome="${outcome}"}`
const state = 'circuit_breaker_state{breaker="b"}'
const rejections = 'circuit_breaker_rejections_total{breaker="b",reason="open"}'
const openings = 'circuit_breaker_transitions_total{breaker="b",from="closed",to="open"}'

const CASES: readonly Case[] = [
  {
    title: 'nothing for a breaker that is closed and mostly succeeds',
    series: { [state]: '0x20', [calls('success')]: '0+90x20', [calls('failure')]: '0+10x20', [openings]: '0x20' },
    fires: [],
  },
  { title: 'a breaker that stays open', series: { [state]: '0x10 1x10' }, fires: ['CircuitBreakerOpen'] },
  {
    title: 'a breaker that is open and half-open by turns, and held',
    series: { [state]: '0x9 1 2 1 2 1 2 3x5' },
    fires: ['CircuitBreakerOpen'],
  },
  { title: 'nothing for one that was open for three minutes', series: { [state]: '0x16 1x3' }, fires: [] },
  {
    title: 'a breaker that opens again and again',
    series: { [openings]: '0+1x20' },
    fires: ['CircuitBreakerFlapping'],
  },
  {
    title: 'a breaker that refuses a fifth of its calls',
    series: { [calls('success')]: '0+80x20', [rejections]: '0+20x20' },
    fires: ['CircuitBreakerRefusing'],
  },
  {
    title: 'calls that fail or time out, not those that are ignored',
    series: { [calls('success')]: '0+70x20', [calls('failure')]: '0+10x20', [calls('timeout')]: '0+20x20' },
    fires: ['CircuitBreakerFailing'],
  },
  {
    title: 'nothing for calls that are ignored',
    series: { [calls('success')]: '0+50x20', [calls('ignored')]: '0+50x20' },
    fires: [],
  },
]

describeWithPrograms('otel-config/breaker-alerts.yml', ['promtool'], () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'meterkit-rules-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  const promtool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
    expect(status, stdout + stderr).to.equal(0)
  }

  it('holds rules that Prometheus takes', () => promtool('check', 'rules', RULES))

  for (const { title, series, fires } of CASES) {
    it(`fires for ${title}`, () => {
      const names = ['CircuitBreakerOpen', 'CircuitBreakerFlapping', 'CircuitBreakerRefusing', 'CircuitBreakerFailing']
      const test = {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: names.map((alertname) => ({
          expr: `count by (alertname) (ALERTS{alertname="${alertname}",alertstate="firing"})`,
          eval_time: '20m',
          exp_samples: fires.includes(alertname) ? [{ labels: `{alertname="${alertname}"}`, value: 1 }] : [],
        })),
      }
      const file = join(folder, `${title.replaceAll(/\W+/g, '-')}.yml`)
      // JSON is YAML.
      writeFileSync(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '1m', tests: [test] }))
      promtool('test', 'rules', file)
    })
  }
})
