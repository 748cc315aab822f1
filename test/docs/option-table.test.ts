import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'
import { CONFIGURATION_PAGE, rowsOfTable, withOptionTable } from './option-table'

describe('The table of options in the documentation', () => {
  it('is what the options are: npm run docs', () => {
    const page = readFileSync(join(__dirname, '../..', CONFIGURATION_PAGE), 'utf8')
    expect(withOptionTable(page)).to.equal(page)
  })

  it('tells of each option what it is', () => {
    const untold: string[] = []
    const rows = rowsOfTable()
    forEachOption(TABLE, (path) => {
      const sentence = rows.get(path)?.at(-1) ?? ''
      if (!/^\S.*\.$/.test(sentence)) untold.push(path)
    })
    expect(untold).to.deep.equal([])
  })
})
