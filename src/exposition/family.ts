import type { Logger } from '../model/log'
import { translatedName } from '../model/names'
import type { BucketStream, NumberStream, Stream } from '../store/stream'

/** One metric family of a page: everything between two `# TYPE` lines. */
export interface Family {
  /** The name as text 0.0.4 writes it, a counter's `_total` included. */
  readonly name: string
  /** The name as OpenMetrics declares it: a counter's without `_total`, unless that would clash with another family. */
  readonly baseName: string
  readonly type: 'counter' | 'gauge' | 'histogram'
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
 * Streams as families, ordered by name. Streams that come to one name share a family if their types agree; if not, the
 * first keeps the name, and the others are left out and named to `log`, once each.
 */
export class Families {
  readonly #log: Logger
  readonly #said = new Set<string>()
  #version = -1
  #families: readonly Family[] = []

  constructor(log: Logger) {
    this.#log = log
  }

  /** The families of `streams`; made anew only when `version` changed. */
  of(streams: readonly Stream[], version: number): readonly Family[] {
    if (version !== this.#version) {
      this.#families = this.make(streams)
      this.#version = version
    }
    return this.#families
  }

  make(streams: readonly Stream[]): Family[] {
    const byName = new Map<string, { type: Family['type']; streams: Stream[] }>()
    for (const stream of streams) {
      const name = familyName(stream)
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
    const sorted = [...byName].sort(([a], [b]) => (a < b ? -1 : 1))
    const baseNames = baseNamesOf(sorted)
    return sorted.map(([name, family]) => ({
      name,
      baseName: baseNames.get(name) ?? name,
      type: family.type,
      help: family.streams.find(({ identity }) => identity.help !== '')?.identity.help ?? '',
      unit: family.streams[0]?.identity.unit ?? '',
      streams: family.streams,
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

function familyName({ identity, shape }: Stream): string {
  return identity.naming === 'prometheus' ? identity.name : translatedName(identity.name, identity.unit, shape)
}

/**
 * What counters are called in OpenMetrics. No two families may come to the same name, be it only by a suffix that one
 * of them could have (OpenMetrics 1.0.0, section "Suffixes"); a counter `foo_total` beside a gauge or a histogram `foo`
 * is therefore not called `foo`.
 */
function baseNamesOf(families: readonly [name: string, { readonly type: Family['type'] }][]): Map<string, string> {
  // What the page itself adds.
  const taken = new Set(['target', 'target_info'])
  for (const [name, { type }] of families) {
    const suffixes = type === 'histogram' ? ['', '_bucket', '_sum', '_count', '_created'] : ['']
    for (const suffix of suffixes) taken.add(name + suffix)
  }
  const baseNames = new Map<string, string>()
  for (const [name, { type }] of families) {
    const base = name.replace(/_total$/, '')
    if (type !== 'counter' || base === name || base === '' || taken.has(base) || taken.has(`${base}_created`)) continue
    taken.add(base).add(`${base}_created`)
    baseNames.set(name, base)
  }
  return baseNames
}

/** Histograms of one family must have the same buckets, or their lines could not be read together. */
function sameBounds(a: Stream, b: Stream): boolean {
  if (!isBucketStream(a) || !isBucketStream(b)) return true
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, index) => bound === b.bounds[index])
}
