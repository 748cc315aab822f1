import { expect } from 'chai'
import { inTurns } from '../../src/endpoint/in-turns'

/** What `performance.now()` says while `work` runs is for the test to say. */
async function withTime<T>(work: (advance: (byMs: number) => void) => Promise<T>): Promise<T> {
  const { now } = performance
  let nowMs = now.call(performance)
  performance.now = () => nowMs
  try {
    return await work((byMs) => {
      nowMs += byMs
    })
  } finally {
    performance.now = now
  }
}

/** How many rounds of the event loop others had while pages of `count` chunks were read that took `chunkMs` each to write. */
function othersTurns(count: number, chunkMs: number): Promise<number> {
  return withTime(async (advance) => {
    let turns = 0
    let other = setImmediate(function again() {
      turns++
      other = setImmediate(again)
    })
    function* chunks() {
      for (let chunk = 0; chunk < count; chunk++) {
        advance(chunkMs)
        yield Buffer.from('x')
      }
    }
    let read = 0
    for await (const { length } of inTurns(chunks())) read += length
    clearImmediate(other)
    expect(read).to.equal(count)
    return turns
  })
}

describe('endpoint: a page in turns', () => {
  // A turn is two rounds, the first of which may have begun.
  it('lets others run after each chunk that took long', async () => {
    expect(await othersTurns(50, 5)).to.be.within(99, 101)
  })

  it('lets others run once for several chunks that took long together', async () => {
    expect(await othersTurns(50, 0.5)).to.be.within(23, 27)
  })

  it('lets nobody wait for nothing', async () => {
    expect(await othersTurns(50, 0)).to.equal(0)
  })

  it('passes over empty chunks, which would end a stream', async () => {
    const kept: Buffer[] = []
    for await (const chunk of inTurns([Buffer.from('a'), Buffer.alloc(0), Buffer.from('b')])) kept.push(chunk)
    expect(kept.map(String)).to.deep.equal(['a', 'b'])
  })

  it('ends the writing where the reading ends', async () => {
    let ended = false
    function* chunks() {
      try {
        for (;;) yield Buffer.from('x')
      } finally {
        ended = true
      }
    }
    for await (const _chunk of inTurns(chunks())) break
    expect(ended).to.equal(true)
  })
})
