import { once } from 'node:events'
import { request as sendRequest } from 'node:http'
import { connect } from 'node:net'
import { mock } from 'node:test'
import { expect } from 'chai'
import { expositionComment, pageOf } from '../../support/exposition-comment'
import { ClientFixture, read, sent } from './support'

describe('http-client.metrics', () => {
  const fixture = new ClientFixture()
  afterEach(async () => {
    mock.restoreAll()
    await fixture.end()
  })

  it('produces the exposition that its comment shows', async () => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    const metrics = fixture.service()
    const origin = await fixture.listen((request, response) => {
      nowMs += 30
      if (request.method === 'GET') response.end()
      else request.socket.destroy()
    })
    const createConnection = () => connect(Number(new URL(origin).port), '127.0.0.1')
    for (const method of ['GET', 'POST']) {
      const request = sendRequest('http://api.example/users/42', { method, createConnection }).end()
      if (method === 'GET') await read(request)
      else await once(request, 'error')
      await sent(metrics, method === 'GET' ? 1 : 2)
    }
    expect(pageOf((await metrics.render()).body, 'http_client_')).to.equal(
      expositionComment('src/instrument/http-client/http-client.metrics.ts'),
    )
  })
})
