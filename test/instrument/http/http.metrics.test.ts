import { once } from 'node:events'
import { mock } from 'node:test'
import { expect } from 'chai'
import { expositionComment, pageOf } from '../../support/exposition-comment'
import { ask, counted, Fixture } from './support'

describe('http.metrics', () => {
  const fixture = new Fixture()
  afterEach(async () => {
    mock.restoreAll()
    await fixture.end()
  })

  it('produces the exposition that its comment shows', async () => {
    let nowMs = 0
    mock.method(performance, 'now', () => nowMs)
    const metrics = fixture.service()
    const server = await fixture.listen((request, response) => {
      nowMs += 30
      if (request.method === 'GET') response.end()
    })
    await ask(server, 'GET', '/users/42')
    await counted(metrics, 1)
    const unanswered = once(server, 'request')
    const socket = await fixture.socket(server)
    socket.write('POST /users HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n')
    await unanswered

    expect(pageOf((await metrics.render()).body, 'http_')) //
      .to.equal(expositionComment('src/instrument/http/http.metrics.ts'))
  })
})
