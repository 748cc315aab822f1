import { expect } from 'chai'
import { guarded, type Logger, silentLogger } from '../../src/model/log'
import { RecordingLogger } from '../support/recording-logger'

const LEVELS = ['info', 'warn', 'error'] as const

describe('A guarded logger', () => {
  it('passes messages on to a logger that needs its this', () => {
    const logger = new RecordingLogger()
    const log = guarded(logger)
    for (const level of LEVELS) log[level]('text')
    expect(logger.lines).to.deep.equal(['info: text', 'warn: text', 'error: text'])
  })

  it('throws nothing into the code that logs', () => {
    const fail = () => {
      throw new Error('disk full')
    }
    const loggers: readonly Logger[] = [{ info: fail, warn: fail, error: fail }, {} as Logger]
    for (const logger of loggers) for (const level of LEVELS) guarded(logger)[level]('text')
  })
})

describe('The silent logger', () => {
  it('takes everything and says nothing', () => {
    for (const level of LEVELS) expect(silentLogger[level]('text')).to.equal(undefined)
  })
})
