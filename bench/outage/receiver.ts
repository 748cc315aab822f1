import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setPriority } from 'node:os'
import { buffer } from 'node:stream/consumers'
import { parse } from 'protobufjs'
import type { Question, Received, Trouble } from './trouble'

/** What is read of an export (opentelemetry/proto/metrics/v1/metrics.proto): whatever else it has is skipped. */
const REQUEST = parse(`
  syntax = "proto3";
  message Request { repeated Resource resources = 1; }
  message Resource { repeated Scope scopes = 2; }
  message Scope { repeated Metric metrics = 2; }
  message Metric { oneof data { Sum sum = 7; Histogram histogram = 9; } }
  message Sum { repeated Number points = 1; }
  message Number { double value = 4; }
  message Histogram { repeated Measured points = 1; }
  message Measured { fixed64 count = 4; }
`).root.lookupType('Request')

interface Metrics {
  readonly sum?: { readonly points: readonly { readonly value: number }[] }
  readonly histogram?: { readonly points: readonly { readonly count: number }[] }
}
interface Request {
  readonly resources: readonly { readonly scopes: readonly { readonly metrics: readonly Metrics[] }[] }[]
}

type Mishap = (request: IncomingMessage, answer: ServerResponse) => void

const MISHAPS: Readonly<Record<Exclude<Trouble, 'none' | 'killed'>, Mishap>> = {
  hangs: (request) => void request.resume(),
  '503': (request, answer) => void request.resume().on('end', () => answer.writeHead(503).end()),
  '429, Retry-After': (request, answer) =>
    void request.resume().on('end', () => answer.writeHead(429, { 'retry-after': '1' }).end()),
  'reset in mid-body': (request) => void request.once('data', () => request.socket.resetAndDestroy()),
}

let trouble: Trouble = 'none'
let counted = 0
let measured = 0
let port = 0

const server = createServer(async (request, answer) => {
  if (trouble !== 'none' && trouble !== 'killed') {
    MISHAPS[trouble](request, answer)
    return
  }
  const body = await buffer(request).catch(() => undefined)
  // Who was killed meanwhile has taken nothing.
  if (body === undefined || trouble !== 'none') return
  add(body)
  answer.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
})

function add(body: Uint8Array): void {
  const options = { longs: Number, defaults: true, arrays: true }
  const { resources } = REQUEST.toObject(REQUEST.decode(body), options) as Request
  for (const { sum, histogram } of resources.flatMap(({ scopes }) => scopes.flatMap(({ metrics }) => metrics))) {
    for (const { value } of sum?.points ?? []) counted += value
    for (const { count } of histogram?.points ?? []) measured += count
  }
}

function become(next: Trouble): void {
  const wasKilled = trouble === 'killed'
  trouble = next
  if (next === 'killed') server.close()
  // Connections of before neither hang on nor are kept for later.
  server.closeAllConnections()
  if (wasKilled) server.listen(port, '127.0.0.1', tell)
  else tell()
}

function tell(): void {
  port = (server.address() as AddressInfo | null)?.port ?? port
  process.send?.({ port, counted, measured } satisfies Received)
}

// Reading what it is sent must not keep the load, on the same processor, from asking in time.
setPriority(19)
process.on('message', ({ trouble: next }: Question) => (next === undefined ? tell() : become(next)))
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', tell)
