import { expect } from 'chai'
import type { Found } from './project'

/** What three requests and one that is left come to, in and out. */
const COUNTS = [
  'http_client_failures_total{method="GET",host="front",error="AbortError"} 1',
  'http_client_requests_total{method="GET",host="backend",status_code="200"} 6',
  'http_client_requests_total{method="GET",host="front",status_code="(none)"} 1',
  'http_client_requests_total{method="GET",host="front",status_code="200"} 3',
  'http_requests_total{method="GET",path="/",status_code="200"} 6',
  'http_requests_total{method="GET",path="/left",status_code="499"} 1',
  'http_requests_total{method="GET",path="/users/:id",status_code="200"} 3',
]

const SERVER = 1
const CLIENT = 2

/** The families of metrics whose names begin with `http`. */
const FAMILIES = [
  'http_client_failures',
  'http_client_request_duration_seconds',
  'http_client_requests',
  'http_request_duration_seconds',
  'http_requests',
  'http_requests_in_flight',
]

export function checkCounts({ counts, inFlight, families }: Found): void {
  expect([...families].sort()).to.deep.equal(FAMILIES)
  // A page has hosts in the order of their ports.
  expect([...counts].sort()).to.deep.equal(COUNTS)
  expect(inFlight).to.deep.equal(['http_requests_in_flight{method="GET"} 0'])
}

/** Ten requests arrive, and all of them were sent by this process; six of them are to the second server. */
export function checkSpans({ spans, propagated }: Found): void {
  expect(propagated).to.equal(6)
  expect(spans.filter(({ kind }) => kind === SERVER)).to.have.lengthOf(10)
  expect(spans.filter(({ kind }) => kind === CLIENT)).to.have.lengthOf(10)
}

/** Each exemplar is a request's own span: of the server's in the server's metrics, of the client's in the client's. */
export function checkExemplars({ exemplars, spans }: Found): void {
  const seen = new Set<string>()
  for (const line of exemplars) {
    const [, name, labels, traceId, spanId] =
      /^(http_\w+)_bucket\{(.*),le=".*"\} \d+ # \{trace_id="(.*)",span_id="(.*)"\}/.exec(line) ?? []
    const kind = name === 'http_request_duration_seconds' ? SERVER : CLIENT
    const span = spans.find((one) => one.spanId === spanId)
    expect(span, `${line} names no span that was finished`).to.not.equal(undefined)
    expect(span?.traceId).to.equal(traceId)
    expect(span?.kind, line).to.equal(kind)
    seen.add(`${name} ${labels}`)
  }
  // Every series has one.
  expect([...seen].sort()).to.deep.equal([
    'http_client_request_duration_seconds method="GET",host="backend",status_code="200"',
    'http_client_request_duration_seconds method="GET",host="front",status_code="(none)"',
    'http_client_request_duration_seconds method="GET",host="front",status_code="200"',
    'http_request_duration_seconds method="GET",path="/",status_code="200"',
    'http_request_duration_seconds method="GET",path="/left",status_code="499"',
    'http_request_duration_seconds method="GET",path="/users/:id",status_code="200"',
  ])
}
