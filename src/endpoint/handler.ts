import type { IncomingMessage, ServerResponse } from 'node:http'

/** What Fastify hands a handler: its own objects around Node's. */
interface WrappedRequest {
  readonly raw: IncomingMessage
}
interface WrappedReply {
  readonly raw: ServerResponse
  hijack(): unknown
}

/** A handler for any framework that passes Node's request and response, or Fastify's. */
export type Handler = (request: IncomingMessage | WrappedRequest, response: ServerResponse | WrappedReply) => void

/** Makes `scrape` a handler that frameworks take as it is. */
export function scrapeHandler(scrape: (request: IncomingMessage, response: ServerResponse) => void): Handler {
  return (request, response) => {
    if ('hijack' in response) {
      // Fastify would answer for a handler that returns; hijacked, the response is ours to end.
      response.hijack()
      scrape((request as WrappedRequest).raw, response.raw)
    } else scrape(request as IncomingMessage, response)
  }
}
