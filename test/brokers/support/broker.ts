import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/free-port'
import { until } from '../../support/until'

/** How a broker is run in the foreground, in a folder of its own. */
export type BrokerCommand = (
  port: number,
  folder: string,
) => { readonly command: string; readonly args: string[]; readonly env?: NodeJS.ProcessEnv }

/** A broker of the test's own on a free port, which can be restarted in the middle: what it keeps stays in its folder. */
export class Broker {
  readonly port: number
  readonly #folder: string
  readonly #command: BrokerCommand
  #child: ChildProcess | undefined

  private constructor(port: number, folder: string, command: BrokerCommand) {
    this.port = port
    this.#folder = folder
    this.#command = command
  }

  static async start(command: BrokerCommand): Promise<Broker> {
    const broker = new Broker(await freePort(), mkdtempSync(join(tmpdir(), 'meterkit-broker-')), command)
    await broker.up()
    return broker
  }

  async up(): Promise<void> {
    const { command, args, env } = this.#command(this.port, this.#folder)
    this.#child = spawn(command, args, {
      cwd: this.#folder,
      stdio: 'ignore',
      // A group of its own: some brokers are started by a script.
      detached: true,
      env: { ...process.env, HOME: this.#folder, ...env },
    })
    let failure: unknown
    this.#child.on('error', (error) => {
      failure = error
    })
    await until(
      `${command} on port ${this.port}`,
      async () => {
        if (failure !== undefined) throw failure
        return (await answers(this.port)) ? true : undefined
      },
      { timeoutMs: 120_000 },
    )
  }

  /** Ends it at once, as a crash does, or in order. */
  async down(signal: 'SIGKILL' | 'SIGTERM' = 'SIGTERM'): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exit = once(child, 'exit')
    if (child.pid !== undefined) process.kill(-child.pid, signal)
    await exit
    await until(`port ${this.port} to be free`, async () => ((await answers(this.port)) ? undefined : true))
  }

  async remove(): Promise<void> {
    await this.down('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

export const natsServer: BrokerCommand = (port, folder) => ({
  command: 'nats-server',
  args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
})

export const redisServer: BrokerCommand = (port, folder) => ({
  command: 'redis-server',
  args: ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--appendonly', 'yes', '--save', ''],
})

/** A cluster of one node, which has no slots yet. */
export const redisCluster: BrokerCommand = (port, folder) => {
  const { command, args } = redisServer(port, folder)
  return {
    command,
    args: [
      ...args,
      '--cluster-enabled',
      'yes',
      '--cluster-port',
      String(otherPort(port)),
      '--cluster-announce-ip',
      '127.0.0.1',
    ],
  }
}

export const rabbitmqServer: BrokerCommand = (port, folder) => {
  const file = join(folder, 'rabbitmq.conf')
  writeFileSync(file, `listeners.tcp.local = 127.0.0.1:${port}\n`)
  return {
    // Not the one of /usr/sbin, which changes the user.
    command: '/usr/lib/rabbitmq/bin/rabbitmq-server',
    args: [],
    env: {
      // Not the machine's own configuration, which names the port.
      RABBITMQ_CONFIG_FILE: file,
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_NODENAME: `meterkit-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(otherPort(port)),
      RABBITMQ_MNESIA_BASE: folder,
      RABBITMQ_LOG_BASE: folder,
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
    },
  }
}

export const mosquitto: BrokerCommand = (port, folder) => {
  const file = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'max_queued_messages 0',
    'user root',
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  return { command: 'mosquitto', args: ['-c', file] }
}

/** A second port for what the nodes of a broker say to each other. */
const otherPort = (port: number) => port - 10_000

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Throws where nothing listens on a port, saying what to start; a test that needs a broker fails then, in CI too. */
export async function needsBroker(what: string, port: number): Promise<void> {
  if (await answers(port)) return
  throw new Error(`Nothing listens on 127.0.0.1:${port}. Start ${what}, or run "npm run test:brokers", which does.`)
}
