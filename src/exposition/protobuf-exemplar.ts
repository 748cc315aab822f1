import type { Exemplar, Slots } from '../store/exemplars'
import type { SeriesGroup } from '../store/series-group'
import type { Stream } from '../store/stream'
import { exemplarLabels } from './exemplar-labels'
import { writeLabel } from './label-pairs'
import { Message } from './protobuf-bytes'

const VALUE = 2
const TIMESTAMP = 3

const NONE: readonly (Message | undefined)[] = []

/** The exemplars of a series as `Exemplar` messages, by slot. */
export function exemplarMessages(
  { exemplars }: Stream,
  group: SeriesGroup,
  row: number,
): readonly (Message | undefined)[] {
  if (exemplars?.some !== true) return NONE
  return slotMessages(exemplars.at(group, row))
}

/** As {@link exemplarMessages}, of exemplars that were read already. */
export function slotMessages(slots: Slots | undefined): readonly (Message | undefined)[] {
  return slots?.map((exemplar) => exemplar && messageOf(exemplar)) ?? NONE
}

function messageOf(exemplar: Exemplar): Message {
  const message = new Message()
  for (const [name, value] of exemplarLabels(exemplar)) writeLabel(message, name, value)
  message.double(VALUE, exemplar.value)
  message.timestamp(TIMESTAMP, exemplar.epochMs)
  return message
}
