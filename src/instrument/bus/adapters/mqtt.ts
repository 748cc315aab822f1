import { hasMethods } from '../../has-methods'
import { type Method, overrideMethods } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import { isTopicPattern, topicMatcher } from '../topic-patterns'
import type { TopicSeries } from '../topic-series'
import { type EmitterBus, measureEmit } from './emitter'

type Done = (error?: unknown, packet?: unknown) => void

/** The part of mqtt.js's client that is used here. */
interface Client extends EmitterBus {
  publish(topic: string, message: unknown, options?: unknown, done?: Done): unknown
  subscribe: Method
  unsubscribe: Method
  /** The subscriptions that the client makes anew after a reconnection, by filter. */
  readonly _resubscribeTopics?: Readonly<Record<string, unknown>>
}

/** The part of a received packet that is used here. */
interface Packet {
  readonly dup?: boolean
}

/**
 * MQTT by mqtt.js. Published is what the broker has acknowledged, or with QoS 0 what was sent. Consumed is what a listener
 * of `message` handled, under the filter it was subscribed to by.
 */
export const mqttAdapter: BusAdapter<Client> = {
  library: 'MQTT.js',
  system: 'mqtt',

  recognises(bus) {
    return '_events' in bus && hasMethods(bus, 'publish', 'subscribe', 'unsubscribe', 'reconnect', 'handleMessage')
  },

  watch(bus, recorder) {
    const filters = new Filters()
    filters.add(Object.keys(bus._resubscribeTopics ?? {}))
    const stopEmit = measureEmit(bus, recorder, (event) =>
      event === 'message'
        ? {
            emitted: (_event, topic, body, packet) =>
              received(recorder, filters, String(topic), body, packet as Packet),
          }
        : undefined,
    )
    const { publish, subscribe, unsubscribe } = bus
    const override = overrideMethods(
      bus,
      {
        publish(this: unknown, topic: string, message: unknown, options?: unknown, done?: Done) {
          const series = recorder.topic(String(topic), message)
          if (series === undefined) return Reflect.apply(publish, this, [topic, message, options, done])
          if (recorder.countsBytes) series.countBytes('publish', sizeBytesOf(message))
          const startMs = recorder.startMsOf(series)
          const [given, callback] = typeof options === 'function' ? [undefined, options as Done] : [options, done]
          const measured: Done = (error, packet) => {
            const durationMs = recorder.durationMsOf(series, startMs)
            if (error) series.countPublishFailed(error, 1, durationMs)
            else series.countPublished(1, durationMs)
            callback?.(error, packet)
          }
          try {
            return Reflect.apply(publish, this, [topic, message, given, measured])
          } catch (error) {
            series.countPublishFailed(error, 1, recorder.durationMsOf(series, startMs))
            throw error
          }
        },
        subscribe(this: unknown, ...args: unknown[]) {
          filters.add(filtersOf(args[0]))
          return Reflect.apply(subscribe, this, args as never[])
        },
        unsubscribe(this: unknown, ...args: unknown[]) {
          filters.delete(filtersOf(args[0]))
          return Reflect.apply(unsubscribe, this, args as never[])
        },
      },
      `bus "${recorder.name}"`,
    )
    return {
      stop() {
        override.restore()
        stopEmit()
      },
    }
  },
}

function received(
  recorder: BusRecorder,
  filters: Filters,
  topic: string,
  body: unknown,
  packet: Packet | undefined,
): TopicSeries | undefined {
  const series = recorder.subscribed(topic, filters.of(topic), body)
  if (recorder.countsBytes) series?.countBytes('process', sizeBytesOf(body))
  if (packet?.dup === true) series?.countRedelivered()
  return series
}

/** What `subscribe` takes: a filter, a list of them, or an object with a property each. */
function filtersOf(subscribed: unknown): string[] {
  if (typeof subscribed === 'string') return [subscribed]
  if (Array.isArray(subscribed)) return subscribed.filter((filter) => typeof filter === 'string')
  return typeof subscribed === 'object' && subscribed !== null ? Object.keys(subscribed) : []
}

/** How many topics are remembered with their filter; beyond that the memory is emptied. */
const REMEMBERED_TOPICS = 1000

/** The filters that the client is subscribed to: a message does not tell through which it came. */
class Filters {
  readonly #exact = new Set<string>()
  /** By filter as it was given, what topics through it count under, and which fit. */
  readonly #wide = new Map<string, { readonly plain: string; readonly fits: (topic: string) => boolean }>()
  readonly #known = new Map<string, string>()

  add(filters: readonly string[]): void {
    for (const filter of filters) {
      // A shared subscription: `$share/group/filter` (MQTT 5.0, section 4.8.2).
      const plain = filter.replace(/^\$share\/[^/]*\//, '')
      if (isTopicPattern(plain)) this.#wide.set(filter, { plain, fits: topicMatcher(plain, '/') })
      else if (plain === filter) this.#exact.add(filter)
      else this.#wide.set(filter, { plain, fits: (topic) => topic === plain })
    }
    this.#known.clear()
  }

  delete(filters: readonly string[]): void {
    for (const filter of filters) {
      this.#wide.delete(filter)
      this.#exact.delete(filter)
    }
    this.#known.clear()
  }

  /** The filter that a topic was subscribed to by: the topic itself before any wildcard. */
  of(topic: string): string {
    if (this.#exact.has(topic)) return topic
    let filter = this.#known.get(topic)
    if (filter === undefined) {
      const fitting = [...this.#wide.values()].filter(({ fits }) => fits(topic)).map(({ plain }) => plain)
      filter = fitting.includes(topic) ? topic : (fitting[0] ?? topic)
      if (this.#known.size >= REMEMBERED_TOPICS) this.#known.clear()
      this.#known.set(topic, filter)
    }
    return filter
  }
}
