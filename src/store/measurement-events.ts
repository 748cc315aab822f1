import type { TableEvents } from './table-options'

/** The events of the streams of one instrument: what several of them tell of one measurement is told once. */
export interface MeasurementEvents extends TableEvents {
  /** Opens a measurement. */
  begin(): void
}

export function measurementEvents(events: TableEvents): MeasurementEvents {
  let isRejected = false
  let isOverflowed = false
  return {
    begin() {
      isRejected = false
      isOverflowed = false
    },
    rejected(reason) {
      if (!isRejected) events.rejected(reason)
      isRejected = true
    },
    overflowed(cause) {
      if (!isOverflowed) events.overflowed(cause)
      isOverflowed = true
    },
  }
}
