import { readFile } from 'node:fs'
import { expect } from 'chai'
import { doneInTurns, othersTurn } from '../../src/store/turns'

/** Resolves in a callback of I/O, behind which immediates run before timers. */
const inputCame = () => new Promise<void>((resolve) => readFile(__filename, () => resolve()))

describe('a turn for others', () => {
  it('lets timers that are due run, also where work began in a callback of I/O', async () => {
    await inputCame()
    const order: string[] = []
    setTimeout(() => order.push('timer'), 1)
    for (const startMs = performance.now(); performance.now() - startMs < 5; );
    await othersTurn()
    order.push('work')
    expect(order).to.deep.equal(['timer', 'work'])
  })

  it('is let by all work that goes on at the same time, one of it in each round', async () => {
    const { now } = performance
    let nowMs = now.call(performance)
    // Each step takes a millisecond, and nothing else does.
    performance.now = () => nowMs
    let stepsInRound = 0
    let most = 0
    let other = setImmediate(function again() {
      most = Math.max(most, stepsInRound)
      stepsInRound = 0
      other = setImmediate(again)
    })
    function* steps(count: number) {
      for (let step = 0; step < count; step++) {
        nowMs++
        stepsInRound++
        yield
      }
    }
    try {
      await Promise.all(Array.from({ length: 10 }, () => othersTurn().then(() => doneInTurns(steps(20)))))
    } finally {
      performance.now = now
      clearImmediate(other)
    }
    expect(most).to.equal(2)
  })
})
