import { overrideMethods } from '../../override-method'
import type { BusWatch } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import { settling } from '../settling'

/** A job of a flow, which waits for its children. */
interface Flow {
  readonly queueName?: string
  readonly children?: readonly Flow[]
}

/** The part of BullMQ's `FlowProducer` that is used here. */
export interface FlowProducer {
  add(flow: Flow, ...rest: unknown[]): Promise<unknown>
  addBulk(flows: readonly Flow[], ...rest: unknown[]): Promise<unknown>
}

/** Measures what adds jobs to several queues at once: all of them are published, or none. */
export function watchFlowProducer(producer: FlowProducer, recorder: BusRecorder): BusWatch {
  const { add, addBulk } = producer
  const adding = (flows: readonly Flow[], call: () => Promise<unknown>): Promise<unknown> => {
    const startMs = recorder.clock.monotonicMs()
    const durationMs = () => recorder.clock.monotonicMs() - startMs
    const jobs = [...jobsByQueue(flows)].flatMap(([queue, count]) => {
      const topic = recorder.topic(queue, flows)
      return topic === undefined ? [] : [{ topic, count }]
    })
    return settling(
      call(),
      () => {
        for (const { topic, count } of jobs) topic.countPublished(count, durationMs())
      },
      (error) => {
        for (const { topic, count } of jobs) topic.countPublishFailed(error, count, durationMs())
      },
    )
  }
  const override = overrideMethods(
    producer,
    {
      add(this: unknown, flow: Flow, ...rest: unknown[]) {
        return adding([flow], () => Reflect.apply(add, this, [flow, ...rest]))
      },
      addBulk(this: unknown, flows: readonly Flow[], ...rest: unknown[]) {
        return adding(flows, () => Reflect.apply(addBulk, this, [flows, ...rest]))
      },
    },
    `bus "${recorder.name}"`,
  )
  return { stop: () => override.restore() }
}

function jobsByQueue(flows: readonly Flow[], counts = new Map<string, number>()): Map<string, number> {
  if (!Array.isArray(flows)) return counts
  for (const flow of flows as readonly Flow[]) {
    const queue = String(flow?.queueName)
    counts.set(queue, (counts.get(queue) ?? 0) + 1)
    jobsByQueue(flow?.children ?? [], counts)
  }
  return counts
}
