import { expect } from 'chai'
import { WeakWatches } from '../../src/instrument/weak-watches'
import { settled } from '../support/deferred'
import { collectGarbage } from '../support/garbage'

describe('WeakWatches', () => {
  it('watches each target once, and ends every watch once', () => {
    const watches = new WeakWatches()
    const [a, b] = [{}, {}]
    const log: string[] = []
    const watch = (name: string) => () => {
      log.push(`watch ${name}`)
      return () => log.push(`end ${name}`)
    }
    watches.add(a, watch('a'))
    watches.add(b, watch('b'))
    watches.add(a, watch('a again'))
    watches.end()
    watches.end()
    expect(log).to.deep.equal(['watch a', 'watch b', 'end a', 'end b'])
  })

  it('holds neither its targets nor what ends their watch, though that leads back to them', async () => {
    const watches = new WeakWatches()
    const refs: WeakRef<object>[] = []
    const add = () => {
      for (let i = 0; i < 100; i++) {
        const target = { i }
        refs.push(new WeakRef(target))
        watches.add(target, () => () => void target.i++)
      }
    }
    add()
    await settled()
    collectGarbage()
    expect(refs.filter((ref) => ref.deref() !== undefined)).to.deep.equal([])
    watches.end()
  })
})
