import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:http'
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectHttp2, constants } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'

/** Where a server listens: a path is that of a Unix socket. */
export type Address = AddressInfo | string

/** Sends single requests, each over HTTP/1 on a connection of its own. */
export interface Client {
  /** Reads the answer to its end and gives the status code. */
  get(path: string): Promise<number>
  /** Sends a request that nobody waits for. Returns what leaves it. */
  send(path: string): () => void
  /** Waits for the first bytes of an answer. */
  stream(path: string): Promise<{ readonly status: number; readonly ended: Promise<void> }>
  /** Asks for a WebSocket and closes it at once. */
  upgrade(path: string): Promise<number>
  close(): void
}

const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
}

export class Http1Client implements Client {
  constructor(private readonly address: Address) {}

  async get(path: string): Promise<number> {
    const response = await this.#answer(this.#request(path).end())
    response.resume()
    await once(response, 'end')
    return response.statusCode ?? 0
  }

  send(path: string): () => void {
    const sent = this.#request(path).on('error', () => {})
    sent.end()
    return () => sent.destroy()
  }

  async stream(path: string): Promise<{ readonly status: number; readonly ended: Promise<void> }> {
    const response = await this.#answer(this.#request(path).end())
    const ended = once(response, 'end').then(() => {})
    await once(response, 'data')
    return { status: response.statusCode ?? 0, ended }
  }

  async upgrade(path: string): Promise<number> {
    const sent = this.#request(path, UPGRADE).end()
    const [response, socket] = (await once(sent, 'upgrade')) as [IncomingMessage, Socket]
    socket.destroy()
    return response.statusCode ?? 0
  }

  close(): void {}

  async #answer(sent: ClientRequest): Promise<IncomingMessage> {
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    return response
  }

  #request(path: string, headers = {}): ClientRequest {
    const { address } = this
    const to = typeof address === 'string' ? { socketPath: address } : { host: '127.0.0.1', port: address.port }
    return request({ ...to, path, headers, agent: false })
  }
}

export class Http2Client implements Client {
  readonly #session: ClientHttp2Session

  constructor(address: Address) {
    this.#session = connectHttp2('http://127.0.0.1', {
      createConnection: () => (typeof address === 'string' ? connect(address) : connect(address.port, '127.0.0.1')),
    })
  }

  async get(path: string): Promise<number> {
    const { status, ended } = await this.#ask(path)
    await ended
    return status
  }

  send(path: string): () => void {
    const stream = this.#session.request({ ':path': path })
    return () => stream.close(constants.NGHTTP2_CANCEL)
  }

  stream(path: string): Promise<{ readonly status: number; readonly ended: Promise<void> }> {
    return this.#ask(path)
  }

  upgrade(): Promise<number> {
    throw new Error('HTTP/2 has no upgrades')
  }

  close(): void {
    this.#session.destroy()
  }

  async #ask(path: string): Promise<{ readonly status: number; readonly ended: Promise<void> }> {
    const stream = this.#session.request({ ':path': path })
    const [headers] = (await once(stream, 'response')) as [{ readonly ':status'?: number }]
    stream.resume()
    return { status: headers[':status'] ?? 0, ended: once(stream, 'end').then(() => {}) }
  }
}
