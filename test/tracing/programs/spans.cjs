/** What the tests of single questions share: servers, requests and what was measured and traced of them. */
const http = require('node:http')

exports.listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)))

exports.get = (url) =>
  new Promise((resolve, reject) => {
    http.get(url, { agent: false }, (response) => response.resume().on('end', resolve)).on('error', reject)
  })

/** Prints, once `requests` have been counted, their counts with the kinds and paths of all spans. */
exports.print = async (metrics, requests) => {
  let counts = []
  let exemplars = []
  for (let turn = 0; turn < 400; turn++) {
    const lines = (await metrics.render('application/openmetrics-text; version=1.0.0')).body.split('\n')
    counts = lines.filter((line) => line.startsWith('http_requests_total')).map((line) => line.replace(/ # .*/, ''))
    exemplars = lines.filter((line) => /^http_request_duration.* # /.test(line))
    if (counts.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0) >= requests) break
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  // Spans of what is still under way.
  await new Promise((resolve) => setTimeout(resolve, 50))
  const spans = globalThis.finishedSpans().map((span) => ({
    kind: span.kind,
    traceId: span.spanContext().traceId,
    spanId: span.spanContext().spanId,
    path: span.attributes['url.path'] ?? span.attributes['url.full'] ?? '',
  }))
  console.log(JSON.stringify({ counts, exemplars, spans }))
  process.exit()
}
