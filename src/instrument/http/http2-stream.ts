import type { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Answer } from './answer'

/** What a stream of HTTP/2 was answered with; its own properties outlive it. */
export class StreamAnswer implements Answer {
  constructor(private readonly stream: ServerHttp2Stream) {}

  get statusCode(): number {
    return Number(this.stream.sentHeaders?.[':status'] ?? 0)
  }

  get headersSent(): boolean {
    return this.stream.headersSent
  }

  /** The client may have reset it when all was written, which is what `aborted` leaves out. */
  get writableFinished(): boolean {
    return this.stream.headersSent && this.stream.writableFinished && !this.stream.aborted
  }
}

/** A stream's request as options see it where the application has streams alone. */
export function requestOfStream(headers: IncomingHttpHeaders): IncomingMessage {
  const request = { method: headers[':method'], url: headers[':path'], headers, httpVersion: '2.0' }
  return request as Partial<IncomingMessage> as IncomingMessage
}
