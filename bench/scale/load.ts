import { Agent, get } from 'node:http'

/** What the parent asks for: so many requests a second, until it asks for `read`. */
export type Question =
  | { readonly task: 'drive'; readonly port: number; readonly perSecond: number }
  | { readonly task: 'read' }

/**
 * Sends requests at a steady rate, whether those before have been answered or not, as customers do who know nothing of each
 * other. How long one took counts from when it was due, so that a server that stalls cannot hide it by slowing the load.
 */
class Load {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 512, scheduling: 'fifo' })
  #tookMs: number[] = []

  drive(port: number, perSecond: number): void {
    const startMs = performance.now()
    let sent = 0
    const send = () => {
      const now = performance.now()
      for (; startMs + (sent * 1_000) / perSecond <= now; sent++) this.#send(port, startMs + (sent * 1_000) / perSecond)
      setTimeout(send, 1)
    }
    send()
  }

  /** How long those took that were answered since this was asked last, in milliseconds. */
  read(): number[] {
    const tookMs = this.#tookMs
    this.#tookMs = []
    return tookMs
  }

  #send(port: number, dueAt: number): void {
    const request = get({ host: '127.0.0.1', port, agent: this.#agent }, (response) => {
      response.resume().on('end', () => void this.#tookMs.push(performance.now() - dueAt))
    })
    request.on('error', (error) => {
      console.error(error)
      process.exit(1)
    })
  }
}

const load = new Load()
process.on('message', (question: Question) => {
  if (question.task === 'drive') load.drive(question.port, question.perSecond)
  process.send?.(load.read())
})
process.on('disconnect', () => process.exit())
