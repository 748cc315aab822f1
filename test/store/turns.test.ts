import { readFile } from 'node:fs'
import { expect } from 'chai'
import { othersTurn } from '../../src/store/turns'

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
})
