import { Redis } from 'ioredis'
import { createClient } from 'redis'

/** What the two clients do alike. */
export interface Client {
  command(name: string, ...args: string[]): Promise<unknown>
  /** Runs the commands in one transaction, which fails where `watched` has changed. */
  transaction(commands: string[][], watched?: string): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => unknown): Promise<unknown>
  subscribePattern(pattern: string, listener: (message: string) => unknown): Promise<unknown>
  close(): Promise<unknown>
  readonly bus: object
}

export const nodeRedis = async (port: number): Promise<Client> => {
  const client = createClient({ socket: { port, host: '127.0.0.1', reconnectStrategy: () => 50 } })
  client.on('error', () => {})
  await client.connect()
  return {
    bus: client,
    command: (name, ...args) => {
      const [key = '', second = '', field = '', value = ''] = args
      // As applications send them, by the client's own methods.
      if (name === 'PUBLISH') return client.publish(key, second)
      if (name === 'XADD') return client.xAdd(key, second, { [field]: value })
      if (name === 'XACK') return client.xAck(key, second, args.slice(2))
      return client.sendCommand([name, ...args])
    },
    async transaction(commands, watched) {
      if (watched !== undefined) {
        await client.watch(watched)
        await client.set(watched, 'changed')
      }
      const multi = client.multi()
      for (const args of commands) multi.addCommand(args)
      return multi.exec()
    },
    subscribe: (channel, listener) => client.subscribe(channel, (message) => void listener(message)),
    subscribePattern: (pattern, listener) => client.pSubscribe(pattern, listener as (message: string) => void),
    close: () => client.close().catch(() => client.destroy()),
  }
}

export const ioredis = async (port: number): Promise<Client> => {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: 0 })
  client.on('error', () => {})
  await client.ping()
  const byChannel = new Map<string, (message: string) => unknown>()
  return {
    bus: client,
    command: (name, ...args) => client.call(name, ...args),
    async transaction(commands, watched) {
      if (watched !== undefined) {
        await client.watch(watched)
        await client.set(watched, 'changed')
      }
      const result = await client.multi(commands.map(([name = '', ...args]) => [name.toLowerCase(), ...args])).exec()
      if (result === null) throw new Error('aborted')
      return result
    },
    async subscribe(channel, listener) {
      if (byChannel.size === 0) client.on('message', (name, message) => void byChannel.get(name)?.(message))
      byChannel.set(channel, listener)
      await client.subscribe(channel)
    },
    async subscribePattern(pattern, listener) {
      client.on('pmessage', async (_pattern, _channel, message) => {
        await listener(message)
      })
      await client.psubscribe(pattern)
    },
    close: () => client.quit().catch(() => client.disconnect()),
  }
}

/** The entries of the one stream in a reply, which is a list of pairs, a flat list or an object. */
export function entriesOf(reply: unknown): [string, unknown][] {
  if (reply === null || reply === undefined) return []
  const first: unknown = Array.isArray(reply) ? reply[0] : Object.entries(reply)[0]
  const flat = (Array.isArray(first) ? first : reply) as unknown[]
  return (flat[1] ?? []) as [string, unknown][]
}
