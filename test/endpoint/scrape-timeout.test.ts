import { expect } from 'chai'
import { scrapeTimeoutMs } from '../../src/endpoint/scrape-timeout'

describe('endpoint: the time that a scraper says it waits', () => {
  it('is left for collecting, less half a second or a fifth for sending', () => {
    const times = ['10', '10.0', '60', '2.5', '1', '0.5', '0.1', '000000010', '999999999']
    expect(times.map(scrapeTimeoutMs)).to.deep.equal([
      9_500, 9_500, 59_500, 2_000, 800, 400, 80, 9_500, 999_999_998_500,
    ])
  })

  it('is never nothing', () => {
    expect(['0.001', '0.0001', '0.00000000000000000001'].map(scrapeTimeoutMs)).to.deep.equal([1, 1, 1])
  })

  it('is passed over where it says no time', () => {
    const headers = [
      '',
      ' ',
      '0',
      '0.0',
      '-1',
      '+1',
      '1e3',
      'Infinity',
      'NaN',
      '1,5',
      '1.',
      '.5',
      '10s',
      '0x10',
      '10, 10',
      '１',
    ]
    for (const header of [...headers, '1'.repeat(10), '1'.repeat(10_000), `0.${'1'.repeat(21)}`, undefined, ['10']]) {
      expect(scrapeTimeoutMs(header), String(header)).to.equal(undefined)
    }
  })
})
