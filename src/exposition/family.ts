import type { Logger } from '../model/log'
import type { BucketStream, NumberStream, Stream } from '../store/stream'
import type { Naming } from './naming'

/** One metric family of a page: everything between two `# TYPE` lines. */
export interface Family {
  /** The name as text 0.0.4 writes it, a counter's `_total` included. */
  readonly name: string
  /**
   * The name as OpenMetrics declares it: a counter's without `_total` and an info's without `_info`, unless that would
   * clash with another family.
   */
  readonly baseName: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** What a gauge is in OpenMetrics, if it is something of its own. */
  readonly role: 'info' | 'stateset' | undefined
  readonly help: string
  /** The UCUM unit. */
  readonly unit: string
  readonly streams: readonly Stream[]
}

export function isBucketStream(stream: Stream): stream is BucketStream {
  return stream.shape === 'histogram'
}

export function isNumberStream(stream: Stream): stream is NumberStream {
  return stream.shape !== 'histogram'
}

/**
 * Whether the series of a family are a state set now: all of them under one set of label names, of which the last is
 * called as the family (OpenMetrics 1.0.0, section "StateSet"). A view may have changed names.
 */
export function isStateSet({ role, streams }: Family): boolean {
  if (role !== 'stateset') return false
  const groups = streams.flatMap(({ table }) => table.groups.filter(({ liveCount }) => liveCount > 0))
  return groups.length === 1 && groups[0]?.names.at(-1) === streams[0]?.identity.source.name
}

/**
 * Streams as families, ordered by name. Streams that come to one name share a family if their types agree; if not, the
 * first keeps the name, and the others are left out and named to `log`, once each.
 */
export class Families {
  readonly #log: Logger
  readonly #said = new Set<string>()
  /** The families of each naming: there are four ways to escape names at most. */
  readonly #kept = new Map<Naming, { readonly version: number; readonly families: readonly Family[] }>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** The families of `streams`; made anew only when `version` changed. */
  of(streams: readonly Stream[], version: number, naming: Naming): readonly Family[] {
    const kept = this.#kept.get(naming)
    if (kept?.version === version) return kept.families
    const families = this.make(streams, naming)
    this.#kept.set(naming, { version, families })
    return families
  }

  make(streams: readonly Stream[], naming: Naming): Family[] {
    const byName = new Map<string, { type: Family['type']; streams: Stream[] }>()
    for (const stream of streams) {
      const name = naming.family(stream)
      const type = stream.shape === 'upDownCounter' ? 'gauge' : stream.shape
      const family = byName.get(name)
      if (family === undefined) byName.set(name, { type, streams: [stream] })
      else if (family.streams.some(({ identity }) => identity.source === stream.identity.source)) {
        this.#leaveOut(stream, name, 'another stream of the same instrument, and every sum over it would count twice')
      } else if (family.type !== type) {
        this.#leaveOut(stream, name, `a ${type}, but the first metric of that name is a ${family.type}`)
      } else if (!sameBounds(family.streams[0] as Stream, stream)) {
        this.#leaveOut(stream, name, 'a histogram with other buckets than the first metric of that name')
      } else family.streams.push(stream)
    }
    for (const [name, { type }] of byName) {
      if (type !== 'histogram') continue
      for (const suffix of ['_bucket', '_sum', '_count', '_created']) {
        const other = byName.get(`${name}${suffix}`)
        if (other === undefined) continue
        byName.delete(`${name}${suffix}`)
        for (const stream of other.streams)
          this.#leaveOut(stream, `${name}${suffix}`, `a sample of histogram "${name}" too`)
      }
    }
    const sorted = [...byName]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { type, streams }]) => ({ name, type, role: roleOf(name, streams, naming), streams }))
    const baseNames = baseNamesOf(sorted)
    return sorted.map((family) => ({
      ...family,
      baseName: baseNames.get(family.name) ?? family.name,
      help: family.streams.find(({ identity }) => identity.help !== '')?.identity.help ?? '',
      unit: family.streams[0]?.identity.unit ?? '',
    }))
  }

  #leaveOut(stream: Stream, name: string, why: string): void {
    const { identity } = stream
    const text = `left "${identity.name}" of "${identity.scope.name}" out of the page: "${name}" is ${why}. Rename one of them with a view.`
    // Imported streams are made anew for each page, so what was said is known by its text.
    if (this.#said.has(text)) return
    this.#said.add(text)
    this.#log.warn(text)
  }
}

function roleOf(name: string, streams: readonly Stream[], naming: Naming): Family['role'] {
  if (streams.some(({ shape }) => shape !== 'gauge')) return undefined
  if (streams.every(({ identity }) => identity.instrument === 'info')) return 'info'
  const [stream, ...others] = streams
  if (stream?.identity.instrument !== 'stateSet' || others.length > 0) return undefined
  const { labelNames = [] } = stream.identity.source
  const labels = labelNames.map((label) => naming.label(label, stream.identity.naming))
  return labels.at(-1) === name && new Set(labels).size === labels.length ? 'stateset' : undefined
}

/**
 * What counters and infos are called in OpenMetrics. No two families may come to the same name, be it only by a suffix that one
 * of them could have (OpenMetrics 1.0.0, section "Suffixes"); a counter `foo_total` beside a gauge or a histogram `foo`
 * is therefore not called `foo`.
 */
function baseNamesOf(families: readonly Pick<Family, 'name' | 'type' | 'role'>[]): Map<string, string> {
  // What the page itself adds.
  const taken = new Set(['target', 'target_info'])
  for (const { name, type } of families) {
    const suffixes = type === 'histogram' ? ['', '_bucket', '_sum', '_count', '_created'] : ['']
    for (const suffix of suffixes) taken.add(name + suffix)
  }
  const baseNames = new Map<string, string>()
  for (const { name, type, role } of families) {
    const suffix = type === 'counter' ? '_total' : role === 'info' ? '_info' : undefined
    if (suffix === undefined || !name.endsWith(suffix) || name === suffix) continue
    const base = name.slice(0, -suffix.length)
    const claims = type === 'counter' ? [base, `${base}_created`] : [base]
    if (claims.some((claim) => taken.has(claim))) continue
    for (const claim of claims) taken.add(claim)
    baseNames.set(name, base)
  }
  return baseNames
}

/** Histograms of one family must have the same buckets, or their lines could not be read together. */
function sameBounds(a: Stream, b: Stream): boolean {
  if (!isBucketStream(a) || !isBucketStream(b)) return true
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, index) => bound === b.bounds[index])
}
