import type { IncomingMessage } from 'node:http'
import { type Method, overrideMethod } from '../override-method'
import type { Answer } from './answer'

/** What bytes go through: a response, or a stream of HTTP/2. */
interface Sink {
  readonly writableEnded: boolean
  readonly write: Write
  readonly end: Write
}

type Write = (this: unknown, chunk?: unknown, encoding?: unknown, done?: unknown) => unknown

/** A request whose body arrives in pieces. */
interface Source {
  readonly push: (this: unknown, chunk: unknown, encoding?: BufferEncoding) => boolean
}

const DIGITS = /^\d{1,15}$/

/** How many bytes the bodies of one request and of its answer have, framing and headers not counted. */
export class BodySizes {
  request = 0
  #response = 0

  /** What a response to HEAD writes, and one that may have no body, is not sent. */
  responseTo(method: string | undefined, statusCode: number, { fileBytes = 0 }: Pick<Answer, 'fileBytes'>): number {
    return method === 'HEAD' || statusCode === 204 || statusCode === 304 ? 0 : this.#response || fileBytes
  }

  /** Takes the size that the request announces, or counts what arrives. */
  countRequest({ headers }: Pick<IncomingMessage, 'headers'>, source: Source): void {
    const announced = headers['content-length']
    if (announced !== undefined && DIGITS.test(announced)) this.request = Number(announced)
    else if (source.push !== undefined) this.#count(source)
  }

  /** Counts what is written. */
  countResponse(sink: Sink): void {
    const add = (bytes: number) => {
      this.#response += bytes
    }
    for (const name of ['write', 'end'] as const) {
      const write = sink[name]
      const counted: Write = function (chunk, encoding, done) {
        // Functions stand where a chunk or an encoding is left out. What comes after the end is not sent.
        if (!sink.writableEnded) add(sizeOf(chunk, encoding))
        return write.call(this, chunk, encoding, done)
      }
      overrideMethod(sink, name, counted as Method, 'a response')
    }
  }

  #count(source: Source): void {
    const { push } = source
    const add = (bytes: number) => {
      this.request += bytes
    }
    const counted: Source['push'] = function (chunk, encoding) {
      add(sizeOf(chunk, encoding))
      return push.call(this, chunk, encoding)
    }
    overrideMethod(source, 'push', counted as Method, 'a request')
  }
}

function sizeOf(chunk: unknown, encoding: unknown): number {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : 0
}
