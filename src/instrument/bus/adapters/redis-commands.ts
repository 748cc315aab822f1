import type { TopicLevel } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import { Deliveries } from '../deliveries'
import type { TopicSeries } from '../topic-series'

/** A command's name and arguments, as the client sends them. */
export type Args = readonly unknown[]

const PUBLISHING: ReadonlySet<unknown> = new Set(['PUBLISH', 'SPUBLISH', 'XADD'])
const READING: ReadonlySet<unknown> = new Set(['XREADGROUP', 'XREAD', 'XCLAIM', 'XAUTOCLAIM', 'XACK'])

const text = (value: unknown): string => String(value)

/** What the commands of one client mean for its bus: messages to channels and entries of streams. */
export class RedisCommands {
  readonly #recorder: BusRecorder
  /** The groups that read, by stream, and their entries that are not acknowledged yet, by id. */
  readonly #groups = new Map<string, Map<string, Deliveries<string>>>()

  constructor(recorder: BusRecorder) {
    this.#recorder = recorder
  }

  /** Whether a command publishes. */
  publishes(name: string): boolean {
    return PUBLISHING.has(name)
  }

  /** Whether a command's reply tells of received entries, or of their acknowledgement. */
  reads(name: string): boolean {
    return READING.has(name)
  }

  /** The series of what a command publishes. */
  published(name: string, args: Args): TopicSeries | undefined {
    if (!PUBLISHING.has(name)) return undefined
    const topic = this.#recorder.topic(text(args[1]), args)
    if (this.#recorder.countsBytes) for (const part of args.slice(2)) topic?.countBytes('publish', sizeBytesOf(part))
    return topic
  }

  replied(name: string, args: Args, reply: unknown): void {
    if (name === 'XACK') {
      // The server acknowledged as many as it knew; the others it had acknowledged before.
      const open = this.#groups.get(text(args[1]))?.get(text(args[2]))
      for (let at = 3; at < args.length; at++) open?.get(text(args[at]))?.acknowledge()
    } else if (name === 'XCLAIM') this.#claimed(text(args[1]), text(args[2]), reply)
    else if (name === 'XAUTOCLAIM')
      this.#claimed(text(args[1]), text(args[2]), Array.isArray(reply) ? reply[1] : undefined)
    else this.#read(args, reply)
  }

  /** The questions that tell what waits for the groups, and what their answers say. */
  async levels(ask: (args: string[]) => Promise<unknown>): Promise<readonly TopicLevel[]> {
    const levels: TopicLevel[] = []
    for (const [stream, groups] of this.#groups) {
      const answer = await ask(['XINFO', 'GROUPS', stream]).catch(() => [])
      for (const group of Array.isArray(answer) ? answer : []) {
        const facts = factsOf(group)
        const lag = facts.get('lag')
        if (groups.has(text(facts.get('name'))) && typeof lag === 'number') levels.push({ topic: stream, lag })
      }
    }
    return levels
  }

  /** `XREADGROUP GROUP g c … STREAMS key… id…`, or `XREAD … STREAMS key… id…`. */
  #read(args: Args, reply: unknown): void {
    const words = args.map(text)
    const at = words.findIndex((word) => word.toUpperCase() === 'STREAMS')
    const isGroup = words[0]?.toUpperCase() === 'XREADGROUP'
    const group = isGroup ? (words[2] ?? '') : undefined
    const isAcknowledged = isGroup && !words.slice(0, at).some((word) => word.toUpperCase() === 'NOACK')
    const streams = words.slice(at + 1)
    const half = streams.length / 2
    for (const [stream, entries] of streamsOf(reply)) {
      if (entries.length === 0) continue
      const open = group === undefined ? undefined : this.#of(stream, group)
      // Any other id than `>` asks for what the consumer was given before.
      const isAgain = isGroup && streams[half + streams.indexOf(stream)] !== '>'
      const topic = this.#recorder.topic(stream, args)
      topic?.recordBatch('process', entries.length)
      for (const entry of entries) this.#entry(topic, isAcknowledged ? open : undefined, entry, isAgain)
    }
  }

  #claimed(stream: string, group: string, entries: unknown): void {
    if (!Array.isArray(entries)) return
    const open = this.#of(stream, group)
    const topic = this.#recorder.topic(stream, entries)
    for (const entry of entries) this.#entry(topic, open, entry, true)
  }

  /** An entry was read; it is to be acknowledged where there is a place for those that are `open`. */
  #entry(topic: TopicSeries | undefined, open: Deliveries<string> | undefined, entry: unknown, isAgain: boolean): void {
    // With JUSTID there is no more than the id; an entry that is gone since it was read is null.
    const id = Array.isArray(entry) ? entry[0] : entry
    if (topic === undefined || id === null || id === undefined) return
    if (this.#recorder.countsBytes && Array.isArray(entry) && Array.isArray(entry[1])) {
      for (const part of entry[1]) topic.countBytes('process', sizeBytesOf(part))
    }
    if (isAgain) topic.countRedelivered()
    const delivery = this.#recorder.lend(topic, 1, open !== undefined).goesOn()
    open?.add(text(id), delivery)
    // The client hands entries over and sees no handler: what comes next is the acknowledgement.
    delivery.handled()
  }

  #of(stream: string, group: string): Deliveries<string> {
    const groups = this.#groups.get(stream) ?? new Map<string, Deliveries<string>>()
    this.#groups.set(stream, groups)
    const open = groups.get(group) ?? new Deliveries<string>()
    groups.set(group, open)
    return open
  }
}

/** Streams and their entries in a reply: a list of pairs, a flat list, a map or an object, as protocol and client have it. */
function streamsOf(reply: unknown): (readonly [string, readonly unknown[]])[] {
  if (typeof reply !== 'object' || reply === null) return []
  const pairs: unknown[] =
    reply instanceof Map ? [...reply] : Array.isArray(reply) ? pairsOf(reply) : Object.entries(reply)
  return pairs.flatMap((pair) =>
    Array.isArray(pair) && Array.isArray(pair[1]) ? [[text(pair[0]), pair[1]] as const] : [],
  )
}

function pairsOf(list: readonly unknown[]): unknown[] {
  if (list.length === 0 || Array.isArray(list[0])) return [...list]
  return Array.from({ length: list.length / 2 }, (_, at) => [list[2 * at], list[2 * at + 1]])
}

function factsOf(group: unknown): ReadonlyMap<string, unknown> {
  if (typeof group !== 'object' || group === null) return new Map()
  const pairs: unknown[] =
    group instanceof Map ? [...group] : Array.isArray(group) ? pairsOf(group) : Object.entries(group)
  return new Map(pairs.flatMap((pair) => (Array.isArray(pair) ? [[text(pair[0]), pair[1]] as const] : [])))
}
