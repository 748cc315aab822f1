import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { pipeline } from 'node:stream'

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

/** An address that stays, by which a client finds the mock broker that there is now. */
export class KafkaBootstrap {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(broker: () => MockKafka): Promise<KafkaBootstrap> {
    const server = createServer()
    const bootstrap = new KafkaBootstrap(server)
    server.on('connection', (client) => {
      const [host = '', port = ''] = broker().address.split(':')
      const upstream = connect({ host, port: Number(port) })
      for (const socket of [client, upstream]) {
        bootstrap.#sockets.add(socket)
        socket.on('close', () => bootstrap.#sockets.delete(socket))
      }
      // Either end takes the other with it, whatever it ends by.
      pipeline(client, upstream, client, () => {})
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return bootstrap
  }

  get address(): string {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }
}
