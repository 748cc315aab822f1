import type { Definition } from '../model/definition'
import { canCarry, carry, mayWait } from './carry'
import { lineageOf } from './heirs'
import { HistogramCountStream } from './histogram'
import { limitStream, makeAlone, type StreamHost } from './make-stream'
import type { Part, PlannedInstrument, Plans } from './planned-instrument'
import type { Stream } from './stream'
import { doneAtOnce } from './turns'
import { type StreamPlan, sameContent, type Views } from './views'

/** What other views come to. */
export interface Review {
  /** Streams that are not shown any more, and count on; all of them once {@link take} was called. */
  readonly hidden: ReadonlySet<Stream>
  /** Has it all be so. */
  take(): Taken
}

export interface Taken {
  /** Streams that gave their places to others. */
  readonly gone: ReadonlySet<Stream>
  /** Streams that were made. */
  readonly made: readonly Stream[]
  /** Metrics that cannot go on with what was counted, by their names. */
  readonly begun: readonly string[]
  /** Brings what was counted into the streams that were made, which may be recorded in meanwhile. To be done before they are read. */
  readonly carrying: Generator<void, void, void>
}

interface Known {
  readonly instrument: PlannedInstrument
  parts: readonly Part[]
  /** Help texts that took the places of those of the definitions. */
  readonly help: Map<Definition, string>
}

/**
 * All instruments with the plans by which their streams were made, for the day on which there are other views. Where these ask
 * for what a stream counts already, it stays, and may be called otherwise, have another limit or not be shown. Where they ask
 * for something else, all streams of the instrument are made anew, and go on with what those before counted.
 */
export class PlannedInstruments {
  readonly #known: Known[] = []
  readonly #hostOf: (definition: Definition) => StreamHost

  /** `hostOf` is what streams are made with that nobody reads. */
  constructor(hostOf: (definition: Definition) => StreamHost) {
    this.#hostOf = hostOf
  }

  /** Makes the streams of an instrument, and returns them. */
  add(instrument: PlannedInstrument, views: Views): Stream[] {
    const { parts, install } = instrument.make(instrument.definitions.map((definition) => views.plans(definition)))
    install()
    this.#known.push({ instrument, parts, help: new Map() })
    return parts.map(({ stream }) => stream)
  }

  /** Has the streams of a definition have another help text where they have its own; a text that a view chose stands. */
  describe(definition: Definition, help: string): void {
    for (const known of this.#known) {
      if (!known.instrument.definitions.includes(definition)) continue
      const before = known.help.get(definition) ?? definition.help
      for (const { stream } of known.parts) if (stream.identity.help === before) stream.identity.help = help
      known.help.set(definition, help)
    }
  }

  /** What other views and another limit make of the instruments. Throws where a view cannot be. */
  review(views: Views, cardinalityLimit: number): Review {
    const hidden = new Set<Stream>()
    const works: (() => void)[] = []
    const gone = new Set<Stream>()
    const made: Stream[] = []
    const begun = new Set<string>()
    const carries: Generator<void, void, void>[] = []
    for (const known of this.#known) {
      const { change, plans, dropped } = this.#reviewOne(known, views, cardinalityLimit, hidden, works)
      if (!change) continue
      works.push(() => {
        const before = known.parts
        for (const { definition } of this.#remake(known, plans, carries)) begun.add(definition.name)
        for (const { stream } of before) gone.add(stream)
        for (const { definition, stream } of known.parts) {
          made.push(stream)
          if (dropped.has(definition)) hidden.add(stream)
        }
      })
    }
    const take = () => {
      for (const work of works) work()
      return { gone, made, begun: [...begun], carrying: eachOf(carries) }
    }
    return { hidden, take }
  }

  /** Whether an instrument must have other streams, and the plans of all that it has to have. */
  #reviewOne(
    known: Known,
    views: Views,
    cardinalityLimit: number,
    hidden: Set<Stream>,
    works: (() => void)[],
  ): { change: boolean; plans: Plans; dropped: ReadonlySet<Definition> } {
    let change = false
    const dropped = new Set<Definition>()
    const plans = known.instrument.definitions.map((definition) => {
      const own = known.parts.filter((part) => part.definition === definition)
      const asked = views.plans({ ...definition, help: known.help.get(definition) ?? definition.help })
      if (asked.length === 0) dropped.add(definition)
      // What is dropped goes on counting, to be shown with all of it some day.
      const wanted = asked.length > 0 ? asked : own.map(({ plan }) => plan)
      const open = [...wanted]
      const left = own.filter(({ plan, stream }) => {
        const at = open.findIndex((each) => sameContent(plan, each))
        if (at < 0) return true
        const [now] = open.splice(at, 1) as [StreamPlan]
        works.push(() => {
          Object.assign(stream.identity, { name: now.name, help: now.help })
          limitStream(stream, definition, now, cardinalityLimit)
        })
        return false
      })
      for (const { stream } of asked.length > 0 ? left : own) hidden.add(stream)
      change ||= open.length > 0
      return wanted
    })
    return { change: change || known.instrument.mustChange?.(plans) === true, plans, dropped }
  }

  /** Makes all streams of an instrument anew, and returns those that could not go on with what was counted. */
  #remake(known: Known, plans: Plans, carries: Generator<void, void, void>[]): Part[] {
    const before = known.parts
    const { parts, install } = known.instrument.make(plans)
    // From here on nothing is recorded in what there was.
    install()
    for (const { stream } of before) stream.table.release()
    known.parts = parts
    const goOn = new Set(before.filter((old) => parts.some((part) => isSame(old, part))))
    return parts.filter((part) => {
      const source = sourceOf(part, before)
      if (source === undefined) return before.some(({ definition }) => definition === part.definition)
      // A counter that is read from a histogram's cells has them from there.
      if (!(part.stream instanceof HistogramCountStream)) {
        const steps = carry(source.stream, part.stream)
        if (mayWait(part.stream)) carries.push(steps)
        else doneAtOnce(steps)
      }
      // Of a stream that goes on, another one beside it is no heir: nobody was told what that has.
      if (!goOn.has(source) || isSame(source, part)) this.#note(source.stream, part)
      return false
    })
  }

  #note(from: Stream, { definition, plan, stream }: Part): void {
    const host = this.#hostOf(definition)
    lineageOf(from).heirs.push({
      lineage: lineageOf(stream),
      sinceMs: host.nowMs(),
      scratch: () => makeAlone(definition, plan, host),
    })
  }
}

function* eachOf(all: readonly Generator<void, void, void>[]): Generator<void, void, void> {
  for (const steps of all) yield* steps
}

function isSame(a: Part, b: Part): boolean {
  return a.definition === b.definition && sameContent(a.plan, b.plan)
}

/** The part that one can go on with: the same, or else the one that has kept most of the labels. */
function sourceOf(part: Part, before: readonly Part[]): Part | undefined {
  const target = part.stream instanceof HistogramCountStream ? undefined : part.stream
  const own = before.filter(
    ({ definition, stream }) =>
      definition === part.definition && (target === undefined ? stream.shape === 'counter' : canCarry(stream, target)),
  )
  const labels = ({ plan }: Part) => plan.processors.length
  return own.find((old) => isSame(old, part)) ?? own.sort((a, b) => labels(a) - labels(b))[0]
}
