import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A receiver of OTLP that takes everything, and answers how many bytes and requests these were since it was asked last. */
let bytes = 0
let requests = 0
const server = createServer((request, response) => {
  requests++
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
})

process.on('disconnect', () => process.exit())
process.on('message', () => {
  process.send?.({ bytes, requests })
  bytes = 0
  requests = 0
})
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/metrics`)
})
