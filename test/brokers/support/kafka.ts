import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * The mock cluster that librdkafka has in itself, in a process of kcat's: one broker, which speaks the protocol to any
 * client on loopback. It keeps nothing when it ends and takes another port each time, so it cannot be restarted.
 */
export class MockKafka {
  readonly address: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.#child = child
    this.address = address
  }

  static async start(): Promise<MockKafka> {
    // A producer that waits for its input.
    const args = ['-P', '-b', 'mocked', '-t', 'unused', '-X', 'test.mock.num.brokers=1']
    const child = spawn('kcat', args, { stdio: ['pipe', 'ignore', 'pipe'] })
    const failed = once(child, 'exit').then(() => {
      throw new Error('kcat ended before it had told where its mock broker listens')
    })
    const started = (async () => {
      for await (const line of createInterface({ input: child.stderr })) {
        const address = /Mock cluster enabled: .* replaced with (\S+)/.exec(line)?.[1]
        if (address !== undefined) return address
      }
      return failed
    })()
    const address = await Promise.race([started, failed])
    failed.catch(() => {})
    child.stderr.resume()
    return new MockKafka(child, address)
  }

  /** More calls do nothing. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}
