import type { LabelsInput } from '../model/labels'
import type { SeriesTable } from './series-table'
import type { Cell, Sink } from './stream'

/** The sink of an instrument, which gives its place to another one when there are other views. */
export abstract class Succeeded {
  /** The one that has its place. */
  next: RecordingSink | undefined
  readonly #holders: ((sink: RecordingSink) => void)[] = []

  /** Has `take` called with the sink that is to be recorded in from then on, whenever that is another one. */
  follow(take: (sink: RecordingSink) => void): void {
    this.#holders.push(take)
  }

  succeededBy(next: RecordingSink): void {
    this.next = next
    for (const take of this.#holders) {
      take(next)
      next.follow(take)
    }
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
  let last = next
  while (last.next !== undefined) last = last.next
  if (isOfItsKind(last)) {
    cell.enter(last)
    const holder = last.table.bind<Cell>(cell.labels, () => cell)
    if (holder !== cell) cell.moved = holder
  } else cell.moved = last.bind(cell.labels)
}
