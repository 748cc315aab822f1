import { trace } from '@opentelemetry/api'
import { expect } from 'chai'
import { whenTraced } from '../../src/facade/when-traced'

describe('Waiting until the application traces', () => {
  afterEach(() => trace.disable())

  /** The looks that are waited for, each with its time. */
  function schedule() {
    const waits: number[] = []
    let next = () => {}
    return {
      waits,
      later: (run: () => void, ms: number) => {
        waits.push(ms)
        next = run
      },
      pass: () => next(),
    }
  }

  const register = () => trace.setGlobalTracerProvider({ getTracer: () => trace.getTracer('none') })

  it('looks when the present code has ended, then ever less often, until it finds that it does', () => {
    const { waits, later, pass } = schedule()
    let found = 0
    whenTraced(() => found++, later)
    for (let look = 0; look < 18; look++) pass()
    expect(waits.slice(0, 6)).to.deep.equal([0, 1, 2, 4, 8, 16])
    expect(waits.slice(-3)).to.deep.equal([32_768, 60_000, 60_000])
    register()
    expect(found).to.equal(0)
    pass()
    expect(found).to.equal(1)
    expect(waits).to.have.lengthOf(19)
  })

  it('looks no more when it is told to stop', () => {
    const { waits, later, pass } = schedule()
    let found = 0
    const looking = whenTraced(() => found++, later)
    looking.stop()
    register()
    pass()
    expect([found, waits]).to.deep.equal([0, [0]])
  })

  it('is over at once where it does so already, and keeps no process from ending', async () => {
    register()
    await new Promise<void>((resolve) => whenTraced(resolve))
    trace.disable()
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const looking = whenTraced(() => {})
    await new Promise<void>((resolve) => process.nextTick(resolve))
    expect(timers()).to.equal(before)
    looking.stop()
  })
})
