import type { Definition } from '../model/definition'
import type { Stream } from './stream'
import { type StreamPlan, sameContent, type Views } from './views'

interface Planned {
  readonly definition: Definition
  readonly plan: StreamPlan
  readonly stream: Stream
}

/**
 * The streams of instruments with the plans that they were made by, for the day on which there are other views. A stream never
 * changes what it counts, as instruments hold its cells: it may be called otherwise, or no longer shown.
 */
export class PlannedStreams {
  readonly #planned: Planned[] = []

  add(definition: Definition, plans: readonly StreamPlan[], streams: readonly Stream[]): void {
    plans.forEach((plan, index) => {
      const stream = streams[index]
      if (stream !== undefined) this.#planned.push({ definition, plan, stream })
    })
  }

  /**
   * What other views make of the streams: those that are not shown any more, and the names of instruments whose views ask for
   * what no stream counts. Throws where a view cannot be; nothing has changed before the result's `take` is called.
   */
  review(views: Views): { readonly hidden: ReadonlySet<Stream>; readonly kept: readonly string[]; take(): void } {
    const hidden = new Set<Stream>()
    const kept = new Set<string>()
    const renamed: [Stream, StreamPlan][] = []
    for (const [definition, own] of Map.groupBy(this.#planned, (planned) => planned.definition)) {
      const open = views.plans(definition)
      const isDropped = open.length === 0
      const others = own.filter(({ plan, stream }) => {
        const at = open.findIndex((each) => sameContent(plan, each))
        if (at < 0) return true
        renamed.push([stream, open.splice(at, 1)[0] as StreamPlan])
        return false
      })
      // Where views ask for something else, what there is goes on as it is: better the old series than none.
      if (!isDropped && open.length === 0) for (const { stream } of others) hidden.add(stream)
      if (isDropped) for (const { stream } of own) hidden.add(stream)
      if (open.length > 0) kept.add(definition.name)
    }
    const take = () => {
      for (const [{ identity }, { name, help }] of renamed) Object.assign(identity, { name, help })
    }
    return { hidden, kept: [...kept], take }
  }
}
