import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Address } from './client'
import type { Application } from './scenarios'
import type { Program } from './start-ups'

interface Message {
  readonly answer?: unknown
  readonly error?: string
}

const LIFE_MS = 50_000

/** An application in a process of its own, with what the test asks of it. */
export class Running implements Application {
  private constructor(
    private readonly process: ChildProcess,
    private readonly output: { text: string },
    readonly address: Address,
  ) {}

  static async start({ file, flags }: Program, sockets: string): Promise<Running> {
    const child = fork(file, {
      cwd: __dirname,
      execArgv: [...flags],
      silent: true,
      env: { ...process.env, NODE_ENV: 'production', OTEL_EXPORTER_PROMETHEUS_PORT: '0', SOCKETS: sockets },
    })
    // Ends whatever waits for it.
    setTimeout(() => child.kill('SIGKILL'), LIFE_MS).unref()
    const output = { text: '' }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output.text += text
      })
    }
    const address = (await answerOf(child, output)) as Address
    return new Running(child, output, address)
  }

  async page(): Promise<string> {
    return (await this.#ask('page')) as string
  }

  async arrived(): Promise<number> {
    return (await this.#ask('arrived')) as number
  }

  async endStreams(): Promise<void> {
    await this.#ask('endStreams')
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null) return
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }

  async #ask(command: string): Promise<unknown> {
    this.process.send(command)
    return await answerOf(this.process, this.output)
  }
}

async function answerOf(child: ChildProcess, output: { readonly text: string }): Promise<unknown> {
  const over = new AbortController()
  const { signal } = over
  try {
    const [{ answer, error }] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(() => {
        throw new Error(`The application has ended: ${output.text}`)
      }),
    ])) as [Message]
    if (error !== undefined) throw new Error(error)
    return answer
  } finally {
    over.abort()
  }
}
