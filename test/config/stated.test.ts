import { expect } from 'chai'
import { otlpSettings } from '../../src/config/otlp-settings'
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
