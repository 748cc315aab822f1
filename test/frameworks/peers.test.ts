import { availableParallelism } from 'node:os'
import { expect } from 'chai'
import { type Observed, observe } from './observe'
import { CASES, type Case, PEER_READING } from './peers'
import { Setting } from './setting'
import { commit, committed, peerTable } from './tables'

const MARK = 'Peers'

describe('What other libraries make of the same requests', () => {
  let setting: Setting

  before(() => {
    // Most of the time is spent waiting for counts that do not come.
    setting = new Setting(2 * availableParallelism())
  })

  after(() => setting.end())

  it('stands in docs/HTTP.md', async function () {
    this.timeout(280_000)
    const found = new Map<Case, Observed>()
    await Promise.all(
      CASES.map(async (one) => {
        await setting.built(one.row.app)
        const { sockets } = setting
        found.set(one, await setting.inTurn(async () => observe(one.row, await one.program(), sockets, PEER_READING)))
      }),
    )
    const table = peerTable((one) => found.get(one) ?? {})
    if (process.env.WRITE !== undefined) commit(MARK, table)
    expect(committed(MARK)).to.equal(table)
  })
})
