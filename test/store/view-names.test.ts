import { expect } from 'chai'
import fc from 'fast-check'
import { TestService } from '../support/test-service'

/** The metrics that a view with this pattern selects of those with `names`. */
async function selectedBy(pattern: string, names: readonly string[]): Promise<string[]> {
  const service = new TestService({ views: [{ instrumentName: pattern, description: 'selected' }] })
  for (const name of names) service.metrics.gauge({ name })
  const metrics = await service.collect()
  return metrics
    .filter(({ descriptor }) => descriptor.description === 'selected')
    .map(({ descriptor }) => descriptor.name)
}

/** Whether a name fits a pattern, the slow and obvious way. */
function fits(pattern: string, name: string): boolean {
  if (pattern === '') return name === ''
  const [first, rest] = [pattern[0], pattern.slice(1)]
  if (first === '*') return fits(rest, name) || (name !== '' && fits(pattern, name.slice(1)))
  if (name === '') return false
  return (first === '?' || first === name[0]) && fits(rest, name.slice(1))
}

describe('The instrument name of a view', () => {
  it('may have any number of * for any run of characters and of ? for one', async () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '_'), minLength: 1, maxLength: 6 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '_', '*', '?'), minLength: 1, maxLength: 7 })
    await fc.assert(
      fc.asyncProperty(pattern, fc.uniqueArray(name, { minLength: 5, maxLength: 30 }), async (pattern, names) => {
        expect(await selectedBy(pattern, names)).to.deep.equal(names.filter((name) => fits(pattern, name)))
      }),
      { numRuns: 300 },
    )
  })

  it('is compared without case', async () => {
    expect(await selectedBy('JOBS_*', ['jobs_done', 'Jobs_Open', 'job'])).to.deep.equal(['jobs_done', 'Jobs_Open'])
  })

  it('takes the signs of regular expressions as they are', async () => {
    const names = ['a_b', 'ab', 'a', 'b']
    for (const pattern of ['a.b', '[ab]', 'a|b', 'a+', '(a)', '^a', 'a$', 'a{1}', '\\w']) {
      expect(await selectedBy(pattern, names), pattern).to.deep.equal([])
    }
  })

  it('is found in no time, however many stars it has', async () => {
    const pattern = `${'*a'.repeat(12)}*b`
    expect(await selectedBy(pattern, [`x${'a'.repeat(60)}`])).to.deep.equal([])
  })
})

describe('A view that gives a metric another name', () => {
  it('is told of where another metric has that name', () => {
    const service = new TestService({ views: [{ instrumentName: 'a_total', name: 'b_total' }] })
    service.metrics.counter({ name: 'b_total' })
    service.metrics.counter({ name: 'a_total' })
    expect(service.log.lines).to.deep.equal([
      'warn: "b_total" and "a_total" are both called "b_total" by a view, and pages add them up. Give one of them another name.',
    ])
  })

  it('is no reason for a word where the name is its own, or of two meters', () => {
    const service = new TestService({ views: [{ instrumentName: 'a_total', name: 'c_total' }] })
    service.metrics.counter({ name: 'a_total' })
    service.meterProvider.getMeter('one').createCounter('jobs')
    service.meterProvider.getMeter('two').createCounter('jobs')
    expect(service.log.lines).to.deep.equal([])
  })
})
