import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Procfs } from '../../../src/instrument/runtime/procfs'

describe('procfs', () => {
  let directory: string

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'procfs-'))
    writeFileSync(
      join(directory, 'status'),
      'Name:\tnode\nVmPeak:\t 1100 kB\nVmSize:\t    1024 kB\nVmRSS:\t 512 kB\nVmData:\t   128 kB\n',
    )
    writeFileSync(
      join(directory, 'limits'),
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \n',
    )
    mkdirSync(join(directory, 'fd'))
    for (const fd of ['0', '1', '2', '17', '18']) writeFileSync(join(directory, 'fd', fd), '')
  })

  afterEach(() => rmSync(directory, { recursive: true }))

  it('is absent on a platform without it', () => {
    expect(Procfs.open(join(directory, 'nowhere'))).to.equal(undefined)
  })

  it('tells memory in bytes', () => {
    expect(Procfs.open(directory)?.memory()).to.deep.equal({ virtualBytes: 1024 * 1024, dataBytes: 128 * 1024 })
  })

  it('tells the soft limit of file descriptors', () => {
    expect(Procfs.open(directory)?.maxFds()).to.equal(1024)
  })

  it('tells no limit where there is none', () => {
    writeFileSync(
      join(directory, 'limits'),
      'Max open files            unlimited            unlimited            files\n',
    )
    expect(Procfs.open(directory)?.maxFds()).to.equal(undefined)
  })

  it('counts file descriptors by listing where the size of the directory means something else', async () => {
    // Five names stand for four descriptors and the one that lists; the directory's own size is a disk's.
    expect(await Procfs.open(directory)?.openFds()).to.equal(4)
  })

  it('says nothing once the files have gone', async () => {
    const procfs = Procfs.open(directory)
    for (const name of ['status', 'limits', 'fd']) rmSync(join(directory, name), { recursive: true })
    expect(procfs?.memory()).to.equal(undefined)
    expect(procfs?.maxFds()).to.equal(undefined)
    expect(await procfs?.openFds()).to.equal(undefined)
  })
})
