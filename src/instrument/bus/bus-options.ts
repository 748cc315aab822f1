import { DefinitionError, quoted, received } from '../../model/errors'
import { mend } from '../../model/mend'
import type { BusAdapter } from './bus-adapter'
import type { NameTopic } from './topic-names'

export interface InstrumentBusOptions {
  /** The `bus` label. Buses of one name add up in the same series. */
  readonly name: string
  /**
   * The `topic` label; `undefined` leaves the message out of the metrics. With one parameter it is asked once a topic, as
   * the library names it: `(topic) => topic.split(':')[0]`. With two it is asked for each message, which it gets as the
   * library has it. Default: the topic's name, or a symbol's description, or the pattern that it fits.
   */
  readonly topic?: NameTopic | undefined
  /**
   * Patterns that topics are counted under, the first that fits: `orders.*`, `user/+/status`, `events.>`, `logs.#`. Levels
   * are told apart by `/`, else by `.`, else by `:`. Default: none.
   */
  readonly patterns?: readonly string[] | undefined
  /** Topics whose counters are there, at zero, before their first event. Default: none. */
  readonly topics?: readonly string[] | undefined
  /**
   * After how many milliseconds a handling counts as failed with the reason `timeout`; above 0, up to 2,147,483,647.
   * Default: never. The handler is not disturbed.
   */
  readonly timeoutMs?: number | undefined
  /** Whether the bytes of bodies are counted. Default: false. */
  readonly bytes?: boolean | undefined
  /**
   * Whether the broker is asked, at each collection, how much waits. Default: true, but false for SQS, where each question
   * is paid for.
   */
  readonly depth?: boolean | undefined
  /**
   * Whether the broker is asked for what it gives up for good and tells nobody of: by a subscription of JetStream for each
   * consumer with `max_deliver`, by one question a queue of SQS for its redrive policy. Default: false.
   */
  readonly deadLetters?: boolean | undefined
  /** Whether the events count under the names of OpenTelemetry's semantic conventions too. Default: the service's `semconv`. */
  readonly semconv?: boolean | undefined
  /** How the bus is measured, where it is of no library that meterkit knows. Default: found by the bus's shape. */
  readonly adapter?: BusAdapter | undefined
}

type Check = readonly [wanted: string, holds: (value: unknown) => boolean]

const MAX_TIMEOUT_MS = 2 ** 31 - 1
const isBoolean: Check = ['true or false', (value) => typeof value === 'boolean']
const isTexts: Check = [
  'a list of texts',
  (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string'),
]

const CHECKS: Readonly<Record<keyof InstrumentBusOptions, Check>> = {
  name: ['a text', (value) => typeof value === 'string' && value !== ''],
  topic: ['a function', (value) => typeof value === 'function'],
  patterns: isTexts,
  topics: isTexts,
  timeoutMs: [
    `a number above 0 and up to ${MAX_TIMEOUT_MS}`,
    (value) => typeof value === 'number' && value > 0 && value <= MAX_TIMEOUT_MS,
  ],
  bytes: isBoolean,
  depth: isBoolean,
  deadLetters: isBoolean,
  semconv: isBoolean,
  adapter: [
    'an object with recognises and watch',
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      ['recognises', 'watch'].every((method) => typeof Reflect.get(value, method) === 'function'),
  ],
}

/** Throws for the first option that is unknown or has a value it cannot have. */
export function checkBusOptions(options: InstrumentBusOptions): void {
  const name: unknown = options?.name
  if (typeof name !== 'string' || name === '') {
    throw new DefinitionError(
      `Cannot instrument bus ${quoted(name)}: name must be a text, got ${received(name)}. ` +
        `Write instrumentBus(bus, { name: 'orders' }).`,
    )
  }
  for (const [key, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, key) ? CHECKS[key as keyof InstrumentBusOptions] : undefined
    if (check === undefined) {
      const known = Object.keys(CHECKS)
      throw new DefinitionError(
        `Cannot instrument bus "${name}": an option must be one of ${known.join(', ')}, got ${received(key)}. ` +
          `${mend(key, known) ?? 'Remove it or correct its name.'}`,
      )
    }
    const [wanted, holds] = check
    if (value !== undefined && !holds(value)) {
      throw new DefinitionError(
        `Cannot instrument bus "${name}": ${key} must be ${wanted}, got ${received(value)}. Leave it out for the default.`,
      )
    }
  }
}
