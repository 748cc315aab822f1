import type { IncomingMessage } from 'node:http'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Answer } from './answer'

/** NO_ERROR of RFC 9113, section 7. */
const NO_ERROR = 0

/** What a stream of HTTP/2 was answered with; its own properties outlive it. */
export class StreamAnswer implements Answer {
  constructor(private readonly stream: ServerHttp2Stream) {}

  get statusCode(): number {
    return Number(this.stream.sentHeaders?.[':status'] ?? 0)
  }

  get headersSent(): boolean {
    return this.stream.headersSent
  }

  get fileBytes(): number {
    return this.writableFinished ? Number(this.stream.sentHeaders?.['content-length'] ?? 0) : 0
  }

  /**
   * The client may have reset it when all was written, which is what `aborted` leaves out. A stream whose request was read to its
   * end closes without having finished: there nobody has reset it, if it ended with no error.
   */
  get writableFinished(): boolean {
    const { stream } = this
    if (!stream.headersSent || stream.aborted) return false
    return stream.writableFinished || (stream.readableEnded && stream.writableEnded && stream.rstCode === NO_ERROR)
  }
}

/** A stream's request as options see it where the application has streams alone. */
export function requestOfStream(headers: IncomingHttpHeaders): IncomingMessage {
  const request = { method: headers[':method'], url: headers[':path'], headers, httpVersion: '2.0' }
  return request as Partial<IncomingMessage> as IncomingMessage
}
