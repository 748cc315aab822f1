import { expect } from 'chai'
import { observedIterator } from '../../../src/instrument/bus/iteration'

describe('observedIterator', () => {
  let open: Set<number>
  beforeEach(() => {
    open = new Set()
  })

  const observed = () =>
    observedIterator(
      (async function* () {
        yield* [1, 2, 3]
      })(),
      {
        got(message) {
          open.add(message)
          return () => open.delete(message)
        },
      },
    )

  it('tells that a loop is done with a message when it asks for the next one, or ends', async () => {
    for await (const message of observed()) expect([...open]).to.deep.equal([message])
    expect(open.size).to.equal(0)
    for await (const _message of observed()) break
    expect(open.size).to.equal(0)
  })

  it('tells it of each message where several are asked for at once', async () => {
    const messages = observed()
    const first = await Promise.all([messages.next(), messages.next()])
    expect(first.map(({ value }) => value)).to.deep.equal([1, 2])
    expect([...open]).to.deep.equal([2])
    await Promise.all([messages.next(), messages.next()])
    expect(open.size).to.equal(0)
  })
})
