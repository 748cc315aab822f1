import { expect } from 'chai'
import { consoleSettings, otlpSettings } from '../../src/config/otlp-settings'
import { pushSettings } from '../../src/config/push-settings'

describe('An option that is undefined', () => {
  it('is as good as left out, of an exporter', () => {
    expect(otlpSettings({ protocol: undefined, timeoutMs: undefined })).to.deep.equal(otlpSettings({}))
  })

  it('is as good as left out, of a push, for which the service and the defaults then speak', () => {
    const service = { url: 'http://localhost:1', job: 'nightly', action: undefined }
    expect(pushSettings({ url: undefined, job: undefined, to: undefined }, service)).to.deep.equal(
      pushSettings({}, { url: 'http://localhost:1', job: 'nightly' }),
    )
  })
})

describe('A time that is 0', () => {
  it('is no limit: as long as a timer can wait', () => {
    const longest = 2 ** 31 - 1
    const [otlp] = otlpSettings({ timeoutMs: 0, exportTimeoutMs: 0 })
    expect(otlp).to.include({ timeoutMs: longest, exportTimeoutMs: longest })
    expect(consoleSettings({ exportTimeoutMs: 0 }).exportTimeoutMs).to.equal(longest)
  })
})
