import type { LabelsInput } from '../model/labels'
import type { SeriesTable } from './series-table'
import type { Cell, Sink } from './stream'

/** The place of an instrument's sink: who has it now, and who is told of that. */
interface Seat {
  sink: RecordingSink
  readonly holders: ((sink: RecordingSink) => void)[]
}

/** The sink of an instrument, which gives its place to another one when there are other views. */
export abstract class Succeeded {
  /** All that had the place know by it who has it now, and not who had it in between. */
  #seat: Seat | undefined

  /** The one that has its place now; `undefined` while that is itself. */
  get next(): RecordingSink | undefined {
    const sink = this.#seat?.sink
    return sink === (this as unknown) ? undefined : sink
  }

  /** Has `take` called with the sink that is to be recorded in from then on, whenever that is another one. */
  follow(take: (sink: RecordingSink) => void): void {
    this.#seated().holders.push(take)
  }

  succeededBy(next: RecordingSink): void {
    const seat = this.#seated()
    seat.sink = next
    next.#seat = seat
    for (const take of seat.holders) take(next)
  }

  #seated(): Seat {
    this.#seat ??= { sink: this as unknown as RecordingSink, holders: [] }
    return this.#seat
  }
}

export type RecordingSink = Sink & Succeeded

/** A stream that cells are bound to. */
export interface BoundTo extends Sink {
  readonly table: SeriesTable
}

/** A cell that goes on where its stream's successor records. */
export interface MovableCell<S extends BoundTo> extends Cell {
  readonly labels: LabelsInput
  /** The one that records for it, where it cannot do so itself. */
  moved: Cell | undefined
  /** Has it belong to another stream. */
  enter(stream: S): void
}

/**
 * Has a cell go on in the sink that its stream gave its place to: by itself where that one is of its kind and its series has no
 * other cell, which is as fast as before, or else by a cell of that one.
 */
export function moveCell<S extends BoundTo>(
  cell: MovableCell<S>,
  next: RecordingSink,
  isOfItsKind: (sink: RecordingSink) => sink is RecordingSink & S,
): void {
  if (isOfItsKind(next)) {
    cell.enter(next)
    const holder = next.table.bind<Cell>(cell.labels, () => cell)
    if (holder !== cell) cell.moved = holder
  } else cell.moved = next.bind(cell.labels)
}
