/** What the value of an option may be. */
export interface Kind<T> {
  /** In error messages and in the documentation: `a whole number from 0 to 65535`. */
  readonly wanted: string
  readonly holds: (value: unknown) => boolean
  /** The value that a text of the environment stands for; `undefined` where it stands for none. Absent where no text can. */
  readonly parse?: (text: string) => T | undefined
  /**
   * The value in a file, as JSON Schema; of an object with options of its own, made from theirs. Absent where only code can
   * give it.
   */
  readonly schema?: object | ((options: object) => object)
  /** The values there are, where they can be listed. */
  readonly choices?: readonly string[]
  /** Of values by name: what each of them may be. */
  readonly entry?: Entry
}

/** What each of several values may be. */
export interface Entry {
  readonly wanted: string
  readonly holds: (value: unknown, name: string) => boolean
  readonly schema: object
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Anything that only code can give. */
export function ofCode<T>(wanted: string, holds: (value: unknown) => boolean): Kind<T> {
  return { wanted, holds }
}

/** An object with options of its own, or `false` for none of what it is about. */
export function optionsOrFalse<T>(): Kind<T> {
  return {
    wanted: 'an object of options, or false',
    holds: (value) => value === false || isObject(value),
    parse: (given) => (given.toLowerCase() === 'false' ? (false as T) : undefined),
    schema: (options) => ({ anyOf: [options, { const: false }] }),
  }
}

/** Text, whose characters `pattern` may limit. */
export function text<T extends string = string>(wanted = 'a string', pattern?: RegExp): Kind<T> {
  return {
    wanted,
    holds: (value) => typeof value === 'string' && (pattern === undefined || pattern.test(value)),
    parse: (given) => (pattern === undefined || pattern.test(given) ? (given as T) : undefined),
    schema: { type: 'string', ...(pattern !== undefined && { pattern: pattern.source }) },
  }
}

/** `true` or `false`; in the environment in any case (OpenTelemetry specification, "Boolean value"). */
export function flag(): Kind<boolean> {
  return {
    wanted: 'true or false',
    holds: (value) => typeof value === 'boolean',
    parse: (given) => ({ true: true, false: false })[given.toLowerCase()],
    schema: { type: 'boolean' },
    choices: ['true', 'false'],
  }
}

export function wholeNumber(from: number, to: number): Kind<number> {
  const holds = (value: unknown) => Number.isInteger(value) && (value as number) >= from && (value as number) <= to
  const isOpen = to === Number.MAX_SAFE_INTEGER
  return {
    wanted: isOpen ? `a whole number of ${from} or more` : `a whole number from ${from} to ${to}`,
    holds,
    parse: (given) => parsedIf(/^\d{1,16}$/.test(given) && holds(Number(given)), () => Number(given)),
    schema: { type: 'integer', minimum: from, ...(!isOpen && { maximum: to }) },
  }
}

/** What a timer of Node.js can wait; it takes anything longer for no time at all. */
export const MAX_DELAY_MS = 2 ** 31 - 1

/** Milliseconds that a timer can wait. */
export function delay(): Kind<number> {
  const holds = (value: unknown) => typeof value === 'number' && value > 0 && value <= MAX_DELAY_MS
  return {
    wanted: `a number above 0 and up to ${MAX_DELAY_MS}`,
    holds,
    parse: (given) => parsedIf(/^\d{1,10}$/.test(given) && holds(Number(given)), () => Number(given)),
    schema: { type: 'number', exclusiveMinimum: 0, maximum: MAX_DELAY_MS },
  }
}

/** Milliseconds that something may take; 0 is no limit (OpenTelemetry's common configuration specification, "Timeout"). */
export function timeout(): Kind<number> {
  const { holds, parse } = delay()
  return {
    wanted: `a number from 0, which is no limit, to ${MAX_DELAY_MS}`,
    holds: (value) => value === 0 || holds(value),
    parse: (given) => (given === '0' ? 0 : parse?.(given)),
    schema: { type: 'number', minimum: 0, maximum: MAX_DELAY_MS },
  }
}

/** The longest that a timer can wait, where there is to be no limit. */
export function timeoutOf(timeoutMs: number): number {
  return timeoutMs === 0 ? MAX_DELAY_MS : timeoutMs
}

/** One of a few texts; in the environment in any case (OpenTelemetry specification, "Enum value"). */
export function oneOf<T extends string>(choices: readonly T[]): Kind<T> {
  const holds = (value: unknown) => choices.some((choice) => choice === value)
  return {
    wanted: `one of ${choices.join(', ')}`,
    holds,
    parse: (given) => choices.find((choice) => choice.toLowerCase() === given.toLowerCase()),
    schema: { enum: choices },
    choices,
  }
}

/** Texts of one kind; in the environment with commas between them. */
export function listOf<T extends string>(
  wanted: string,
  kind: Kind<T>,
  length: { readonly max: number },
): Kind<readonly T[]> {
  const holds = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.length <= length.max && value.every(kind.holds)
  return {
    wanted,
    holds,
    parse: (given) => {
      const parts = given.split(',').map((part) => kind.parse?.(part.trim()))
      return parsedIf(holds(parts), () => parts as T[])
    },
    schema: { type: 'array', items: kind.schema, minItems: 1, maxItems: length.max },
    ...(kind.choices !== undefined && { choices: kind.choices }),
  }
}

/** Upper bounds of buckets, of which the last may be infinite; in the environment with commas between them. */
export function bounds(): Kind<readonly number[]> {
  const isBound = (each: unknown, at: number, all: readonly unknown[]) =>
    typeof each === 'number' &&
    (Number.isFinite(each) || (each === Number.POSITIVE_INFINITY && at === all.length - 1)) &&
    (at === 0 || each > (all[at - 1] as number))
  const holds = (value: unknown) => Array.isArray(value) && value.every(isBound)
  return {
    wanted: 'a list of rising numbers',
    holds,
    parse: (given) => {
      const parts = given.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
      return parsedIf(holds(parts), () => parts)
    },
    schema: { type: 'array', items: { type: 'number' } },
  }
}

const PLAIN_TYPES = ['string', 'number', 'boolean'] as const

export const TEXT_ENTRY: Entry = {
  wanted: 'a string',
  holds: (value) => typeof value === 'string',
  schema: { type: 'string' },
}

export const PLAIN_ENTRY: Entry = {
  wanted: 'a string, a number or a boolean',
  holds: (value) => PLAIN_TYPES.some((type) => type === typeof value),
  schema: { type: PLAIN_TYPES },
}

/** What OpenTelemetry takes as the value of an attribute. */
export const ATTRIBUTE_ENTRY: Entry = {
  wanted: 'a string, a number, a boolean or an array of one of these',
  holds: (value) =>
    PLAIN_TYPES.some((type) => type === typeof value) ||
    (Array.isArray(value) && PLAIN_TYPES.some((type) => value.every((each) => typeof each === type))),
  schema: { anyOf: [PLAIN_ENTRY.schema, ...PLAIN_TYPES.map((type) => ({ type: 'array', items: { type } }))] },
}

/** Values by name; in the environment `name=value,other=value`, percent-encoded where need be (W3C Baggage). */
export function namedValues<T>(wanted: string, entry: Entry): Kind<Readonly<Record<string, T>>> {
  return {
    wanted,
    holds: (value) => isObject(value) && Object.entries(value).every(([name, each]) => entry.holds(each, name)),
    parse: (given) => pairsOf(given) as Readonly<Record<string, T>> | undefined,
    schema: { type: 'object', additionalProperties: entry.schema },
    entry,
  }
}

function pairsOf(given: string): Readonly<Record<string, string>> | undefined {
  try {
    const pairs = given
      .split(',')
      .filter((pair) => pair.trim() !== '')
      .map((pair) => {
        const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) as unknown as [string, string, string]
        return [decodeURIComponent(name), decodeURIComponent(value)] as const
      })
    return Object.fromEntries(pairs)
  } catch {
    // Without "=", or with a "%" that begins no character.
    return undefined
  }
}

function parsedIf<T>(holds: boolean, parsed: () => T): T | undefined {
  return holds ? parsed() : undefined
}
