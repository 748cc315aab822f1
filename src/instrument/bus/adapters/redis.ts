import { DefinitionError } from '../../../model/errors'
import { hasMethods } from '../../has-methods'
import { type Method, overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { AnyFunction, BusRecorder } from '../bus-recorder'
import { globMatcher } from '../topic-patterns'
import type { TopicSeries } from '../topic-series'
import { type Args, RedisCommands } from './redis-commands'

type Listener = (this: unknown, message: unknown, channel: unknown) => unknown

/** The listeners of one channel, as the client keeps them and gives them out. */
interface ChannelListeners {
  readonly strings: Set<Listener>
  readonly buffers: Set<Listener>
}

interface Command {
  readonly args: Args
}

/** The part of node-redis's client that is used here. */
interface Client {
  /** The client itself: what `createClient` and `withCommandOptions` give out are views of it. */
  readonly _self?: Client
  sendCommand(args: Args, options?: unknown): Promise<unknown>
  _executeMulti(commands: readonly Command[], ...rest: unknown[]): Promise<unknown>
  _executePipeline(commands: readonly Command[], ...rest: unknown[]): Promise<unknown>
  getPubSubListeners(type: Kind): Map<string, ChannelListeners>
}

type Kind = 'CHANNELS' | 'PATTERNS' | 'SHARDED'

/** The methods that subscribe, by what they subscribe to; each has two names. */
const SUBSCRIBING: Readonly<Record<string, Kind>> = {
  SUBSCRIBE: 'CHANNELS',
  subscribe: 'CHANNELS',
  PSUBSCRIBE: 'PATTERNS',
  pSubscribe: 'PATTERNS',
  SSUBSCRIBE: 'SHARDED',
  sSubscribe: 'SHARDED',
}
const UNSUBSCRIBING: Readonly<Record<string, Kind>> = {
  UNSUBSCRIBE: 'CHANNELS',
  unsubscribe: 'CHANNELS',
  PUNSUBSCRIBE: 'PATTERNS',
  pUnsubscribe: 'PATTERNS',
  SUNSUBSCRIBE: 'SHARDED',
  sUnsubscribe: 'SHARDED',
}
const KINDS: readonly Kind[] = ['CHANNELS', 'PATTERNS', 'SHARDED']

/**
 * Redis by node-redis: channels and streams of one client. Published is what the server has answered, within MULTI what
 * was executed. Consumed is what a listener handled, or of a stream what was acknowledged to its group.
 */
export const redisAdapter: BusAdapter<Client> = {
  library: 'redis',
  system: 'redis',

  recognises(bus) {
    return hasMethods(bus, 'sendCommand', 'multi', 'xAdd', 'xReadGroup', 'pubSubNumSub')
  },

  subject: (bus) => bus._self ?? bus,

  watch(bus, recorder) {
    if (!hasMethods(bus, '_executeMulti', 'getPubSubListeners')) {
      throw new DefinitionError(
        `Cannot instrument bus "${recorder.name}": bus must be one client of redis, got a cluster, a pool or a sentinel. ` +
          'Measure the functions that publish and handle with instrumentPublish and instrumentHandler.',
      )
    }
    const commands = new RedisCommands(recorder)
    const listeners = new Listeners(bus, recorder)
    const { sendCommand, _executeMulti, _executePipeline } = bus
    const methods: Record<string, Method> = {
      sendCommand(this: unknown, args: Args, options?: unknown) {
        const name = String(args?.[0]).toUpperCase()
        if (commands.publishes(name)) {
          return recorder.publish(commands.published(name, args), sendCommand, this, 1, args, options)
        }
        if (!commands.reads(name)) return sendCommand.call(this as Client, args, options)
        return Reflect.apply(sendCommand, this, [args, options]).then((reply) => {
          commands.replied(name, args, reply)
          return reply
        })
      },
      _executeMulti: batch(recorder, commands, _executeMulti),
      _executePipeline: batch(recorder, commands, _executePipeline),
    }
    for (const [key, kind] of Object.entries(SUBSCRIBING)) methods[key] = listeners.subscribing(key, kind)
    for (const [key, kind] of Object.entries(UNSUBSCRIBING)) methods[key] = listeners.unsubscribing(key, kind)

    const override = overrideMethods(bus, methods, `bus "${recorder.name}"`)
    listeners.replace((listener, kind, key) => listeners.standInFor(listener, kind, [key]))
    return {
      stop() {
        override.restore()
        listeners.replace((listener) => listeners.originalOf(listener))
      },
      levels: () => commands.levels((args) => Reflect.apply(sendCommand, bus, [args])),
    }
  },
}

/** What is sent together has one reply, a list; each event in it counts by its own part of that. */
function batch(
  recorder: BusRecorder,
  commands: RedisCommands,
  execute: (commands: readonly Command[], ...rest: unknown[]) => Promise<unknown>,
): Method {
  return async function (this: unknown, sent: readonly Command[], ...rest: unknown[]) {
    const events: { readonly at: number; readonly topic: TopicSeries }[] = []
    sent.forEach(({ args }, at) => {
      const topic = commands.published(String(args[0]).toUpperCase(), args)
      if (topic !== undefined) events.push({ at, topic })
    })
    const startMs = recorder.clock.monotonicMs()
    let replies: unknown
    try {
      replies = await Reflect.apply(execute, this, [sent, ...rest])
    } catch (error) {
      for (const { topic } of events) topic.countPublishFailed(error, 1, recorder.clock.monotonicMs() - startMs)
      throw error
    }
    const durationMs = recorder.clock.monotonicMs() - startMs
    for (const { at, topic } of events) {
      const reply: unknown = Array.isArray(replies) ? replies[at] : undefined
      if (reply instanceof Error) topic.countPublishFailed(reply, 1, durationMs)
      else topic.countPublished(1, durationMs)
    }
    if (Array.isArray(replies)) {
      sent.forEach(({ args }, at) => {
        const name = String(args[0]).toUpperCase()
        if (commands.reads(name) && !(replies[at] instanceof Error)) commands.replied(name, args, replies[at])
      })
    }
    return replies
  } as Method
}

/** Listeners of channels and patterns, each with a stand-in in its place. */
class Listeners {
  readonly #client: Client
  readonly #recorder: BusRecorder
  readonly #standIns = new Map<Kind, WeakMap<Listener, Listener>>(KINDS.map((kind) => [kind, new WeakMap()]))
  readonly #originals = new WeakMap<Listener, Listener>()
  /** The patterns that a stand-in listens to: the client does not tell it through which one a message came. */
  readonly #patterns = new WeakMap<Listener, Map<string, (channel: string) => boolean>>()

  constructor(client: Client, recorder: BusRecorder) {
    this.#client = client
    this.#recorder = recorder
  }

  standInFor(listener: Listener, kind: Kind, patterns: readonly string[]): Listener {
    if (this.#originals.has(listener)) return listener
    const standIns = this.#standIns.get(kind)
    let standIn = standIns?.get(listener)
    if (standIn === undefined) {
      standIn = kind === 'PATTERNS' ? this.#byPattern(listener) : this.#byChannel(listener)
      standIns?.set(listener, standIn)
      this.#originals.set(standIn, listener)
    }
    if (kind === 'PATTERNS') {
      const known = this.#patterns.get(standIn) ?? new Map<string, (channel: string) => boolean>()
      for (const pattern of patterns) known.set(pattern, globMatcher(pattern))
      this.#patterns.set(standIn, known)
    }
    return standIn
  }

  originalOf(listener: Listener): Listener {
    return this.#originals.get(listener) ?? listener
  }

  subscribing(key: string, kind: Kind): Method {
    const subscribe = Reflect.get(this.#client, key) as AnyFunction
    const listeners = this
    return function (this: unknown, channels: string | string[], listener: Listener, ...rest: unknown[]) {
      const patterns = Array.isArray(channels) ? channels : [channels]
      const added = typeof listener === 'function' ? listeners.standInFor(listener, kind, patterns) : listener
      return Reflect.apply(subscribe, this, [channels, added, ...rest] as never[])
    } as Method
  }

  unsubscribing(key: string, kind: Kind): Method {
    const unsubscribe = Reflect.get(this.#client, key) as AnyFunction
    const standIns = this.#standIns.get(kind)
    return function (this: unknown, ...args: unknown[]) {
      const [channels, listener, ...rest] = args
      if (typeof listener !== 'function') return Reflect.apply(unsubscribe, this, args as never[])
      const known = standIns?.get(listener as Listener) ?? listener
      return Reflect.apply(unsubscribe, this, [channels, known, ...rest] as never[])
    } as Method
  }

  /** Replaces listeners where the client keeps them, in their order. */
  replace(replacement: (listener: Listener, kind: Kind, key: string) => Listener): void {
    for (const kind of KINDS) {
      for (const [key, { strings, buffers }] of this.#client.getPubSubListeners(kind)) {
        for (const set of [strings, buffers]) {
          const replaced = [...set].map((listener) => replacement(listener, kind, key))
          set.clear()
          for (const listener of replaced) set.add(listener)
        }
      }
    }
  }

  #byChannel(listener: Listener): Listener {
    const recorder = this.#recorder
    return function (message, channel) {
      const topic = recorder.topic(String(channel), message)
      return recorder.handle(topic, listener as AnyFunction, this, true, message, channel)
    }
  }

  #byPattern(listener: Listener): Listener {
    const recorder = this.#recorder
    const patterns = this.#patterns
    const standIn: Listener = function (message, channel) {
      const name = String(channel)
      let pattern = name
      for (const [known, fits] of patterns.get(standIn) ?? []) {
        if (!fits(name)) continue
        pattern = known
        break
      }
      const topic = recorder.subscribed(name, pattern, message)
      return recorder.handle(topic, listener as AnyFunction, this, true, message, channel)
    }
    return standIn
  }
}
