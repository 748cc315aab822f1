import { expect } from 'chai'
import fc from 'fast-check'
import type { Definition, InstrumentKind } from '../../src/model/definition'
import { lint } from '../../src/model/lint'
import { FACADE_SCOPE } from '../../src/model/scope'
import { KINDS } from '../support/instrument-kinds'

function definition(kind: InstrumentKind, name: string, unit = ''): Definition {
  return {
    kind,
    name,
    help: '',
    unit,
    scope: FACADE_SCOPE,
    naming: 'prometheus',
    labelNames: [],
    integer: false,
    buckets: undefined,
    cardinalityLimit: undefined,
    expireAfterMs: undefined,
  }
}

describe('lint', () => {
  const TOTAL = 'a counter\'s name should end in "_total" (OpenMetrics shows it as unknown until then)'
  const UNIT = 'a name should end in its unit'

  for (const [kind, name, unit, remark] of [
    ['counter', 'jobs_total', '', undefined],
    ['counter', 'jobs', '', `${TOTAL}: write "jobs_total"`],
    ['observableCounter', 'jobs', '', `${TOTAL}: write "jobs_total"`],
    ['gauge', 'jobs', '', undefined],
    ['upDownCounter', 'jobs', '{job}', undefined],
    ['histogram', 'latency_seconds', 's', undefined],
    ['histogram', 'latency', 's', `${UNIT}: write "latency_seconds"`],
    ['counter', 'cpu_seconds_total', 's', undefined],
    ['counter', 'cpu_total', 's', `${UNIT}: write "cpu_seconds_total"`],
    ['counter', 'cpu', 's', `${TOTAL}, and ${UNIT}: write "cpu_seconds_total"`],
    ['counter', 'cpu_seconds', 's', `${TOTAL}: write "cpu_seconds_total"`],
    ['gauge', 'seconds', 's', undefined],
    ['gauge', 'free_total', 'By', `${UNIT}: write "free_bytes_total"`],
    ['gauge', 'utilization', '1', undefined],
    ['info', 'build_info', '', undefined],
    [
      'info',
      'build_total',
      '',
      'an info\'s name should end in "_info" (OpenMetrics shows it as a gauge until then): write "build_total_info"',
    ],
    ['stateSet', 'mode', '', undefined],
    ['gauge', 'miscellaneousbytes', 'By', `${UNIT}: write "miscellaneousbytes_bytes"`],
  ] as const) {
    it(`says ${remark === undefined ? 'nothing' : 'what to write'}: ${kind} ${name}${unit && `, unit ${unit}`}`, () => {
      expect(lint(definition(kind, name, unit))).to.equal(remark)
    })
  }

  it('has nothing more to say once its advice was taken', () => {
    const part = fc.constantFrom('jobs', 'total', 'seconds', 'bytes', 'x')
    const name = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('_'))
    const unit = fc.constantFrom('', '1', 's', 'ms', 'By', 'By/s', '{job}', '%', 'furlong')
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), name, unit, (kind, name, unit) => {
        const [, mend] = /write "(\w+)"$/.exec(lint(definition(kind, name, unit)) ?? `write "${name}"`) ?? []
        expect(lint(definition(kind, mend as string, unit))).to.equal(undefined)
      }),
    )
  })
})
