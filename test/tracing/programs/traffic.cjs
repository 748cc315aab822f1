/**
 * Traffic of an Express application, and what was measured of it: `/users/:id` asks a second server by `http.get` and by
 * `fetch`, `/left` never answers and is left by its client. `between` is called before the last ones. Prints JSON.
 */
exports.run = async ({ express, http }, metrics, { between = () => {} } = {}) => {
  const listening = (server) =>
    new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
  let propagated = 0
  const backend = http.createServer((request, response) => {
    if (request.headers.traceparent !== undefined) propagated++
    response.end('backend')
  })
  const backendUrl = `http://127.0.0.1:${await listening(backend)}/`
  const byGet = (url) =>
    new Promise((resolve, reject) => {
      http.get(url, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject)
    })
  const app = express()
  let arrived
  app.get('/users/:id', async (_request, response) => {
    await byGet(backendUrl)
    await (await fetch(backendUrl)).text()
    response.send('done')
  })
  app.get('/left', () => arrived())
  const front = http.createServer(app)
  const port = await listening(front)
  const frontUrl = `http://127.0.0.1:${port}`

  for (const id of [1, 2]) await byGet(`${frontUrl}/users/${id}`)
  between()
  await byGet(`${frontUrl}/users/3`)
  const controller = new AbortController()
  const arrival = new Promise((resolve) => {
    arrived = resolve
  })
  const left = fetch(`${frontUrl}/left`, { signal: controller.signal }).catch(() => undefined)
  await arrival
  controller.abort()
  await left

  const named = (text) => text.replaceAll(new URL(backendUrl).host, 'backend').replaceAll(`127.0.0.1:${port}`, 'front')
  const page = async () => named((await metrics().render('application/openmetrics-text; version=1.0.0')).body)
  const total = (text, name) =>
    [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\d+)`, 'gm'))].reduce((sum, [, value]) => sum + Number(value), 0)
  let text = ''
  for (
    let turn = 0;
    turn < 400 && total(text, 'http_requests_total') + total(text, 'http_client_requests_total') < 20;
    turn++
  ) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    text = await page()
  }
  await new Promise((resolve) => setTimeout(resolve, 50))
  text = await page()
  const lines = text.split('\n')
  const spans = (globalThis.finishedSpans?.() ?? []).map((span) => ({
    kind: span.kind,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    path: span.attributes['url.path'] ?? span.attributes['url.full'] ?? '',
  }))
  console.log(
    JSON.stringify({
      counts: lines
        .filter((line) => /^http_(client_)?(requests|failures)_total/.test(line))
        .map((line) => line.replace(/ # .*/, '')),
      inFlight: lines.filter((line) => line.startsWith('http_requests_in_flight')),
      conventional: lines.filter((line) => line.startsWith('http_server_request_duration_seconds_count')),
      exemplars: lines.filter((line) => /^http_(client_)?request_duration.* # /.test(line)),
      families: lines.flatMap((line) => /^# TYPE (http\S*) /.exec(line)?.[1] ?? []),
      spans,
      propagated,
      loaded: Object.keys(require.cache).filter((path) => path.includes('/@opentelemetry/instrumentation')),
    }),
  )
  process.exit()
}
