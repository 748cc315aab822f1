import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** How long a child may take for one answer, in milliseconds: a benchmark ends with an error rather than not at all. */
const PATIENCE_MS = 120_000

/** A process that answers one message after the other. */
export class Child {
  readonly #process: ChildProcess

  constructor(file: string, args: readonly string[], execArgv: readonly string[]) {
    this.#process = fork(file, args, { execArgv: [...execArgv] })
  }

  /** What the child says next; rejects where it ends instead, or says nothing. */
  async answer<T>(): Promise<T> {
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(PATIENCE_MS)])
    try {
      const [message] = (await Promise.race([
        once(this.#process, 'message', { signal }),
        once(this.#process, 'exit', { signal }).then(([code]) => {
          throw new Error(`A process of the benchmark ended with ${code}.`)
        }),
      ])) as [T]
      return message
    } finally {
      ended.abort()
    }
  }

  async ask<T>(question: object): Promise<T> {
    const answer = this.answer<T>()
    this.#process.send(question)
    return await answer
  }

  get pid(): number {
    return this.#process.pid as number
  }

  /** Ends the process, whatever it does. */
  end(): void {
    this.#process.kill('SIGKILL')
  }
}
