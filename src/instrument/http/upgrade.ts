import type { Socket } from 'node:net'
import { type Method, type Override, overrideMethod } from '../override-method'
import type { Answer } from './answer'

type Write = (this: unknown, chunk?: unknown, encoding?: unknown, done?: unknown) => unknown

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})/
const STATUS_LINE_LENGTH = 'HTTP/1.1 101'.length

/**
 * The answer to a request for another protocol, which the application writes to the socket itself: its first line has the
 * status code. What follows is no longer HTTP, so the request ends with that.
 */
export class UpgradeAnswer implements Answer {
  statusCode = 0
  headersSent = false
  readonly #overrides: Override[]
  /** What was written so far: the first line may come in pieces. */
  #begun = ''

  constructor(
    socket: Socket,
    private readonly onEnd: () => void,
  ) {
    this.#overrides = [this.#first(socket, 'write'), this.#first(socket, 'end')]
    socket.once('close', () => this.#end())
  }

  get writableFinished(): boolean {
    return this.headersSent
  }

  #first(socket: Socket, name: 'write' | 'end'): Override {
    const write = socket[name] as Write
    const read = (chunk: unknown) => this.#read(chunk)
    const first: Write = function (chunk, encoding, done) {
      read(chunk)
      return write.call(this, chunk, encoding, done)
    }
    return overrideMethod(socket, name, first as Method, 'a socket')
  }

  #read(chunk: unknown): void {
    this.#begun += beginningOf(chunk, STATUS_LINE_LENGTH - this.#begun.length)
    if (this.#begun.length < STATUS_LINE_LENGTH) return
    const status = STATUS_LINE.exec(this.#begun)?.[1]
    if (status !== undefined) {
      this.statusCode = Number(status)
      this.headersSent = true
    }
    this.#end()
  }

  #end(): void {
    for (const override of this.#overrides.splice(0)) override.restore()
    this.onEnd()
  }
}

function beginningOf(chunk: unknown, length: number): string {
  if (typeof chunk === 'string') return chunk.slice(0, length)
  if (!(chunk instanceof Uint8Array)) return ''
  return Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.byteLength, length)).toString('latin1')
}
