import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface PushRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** A receiver that keeps what it was sent, and answers as it is told. */
export class PushReceiver {
  readonly requests: PushRequest[] = []
  /** Answers a request, by its number. Default: 200. */
  answer: (response: ServerResponse, request: number) => void = (response) => void response.end()
  readonly #server: Server = createServer((request, response) => void this.#receive(request, response))

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request
    this.requests.push({ method, path: url, headers, body: await buffer(request) })
    this.answer(response, this.requests.length - 1)
  }
}
