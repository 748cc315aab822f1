import { hasMethods } from '../../has-methods'
import { overrideMethod } from '../../override-method'
import type { BusAdapter } from '../bus-adapter'
import type { BusRecorder } from '../bus-recorder'
import type { EventMeasure } from '../emitter/event-listeners'
import { listen, settling } from '../settling'
import { Reason, type TopicSeries } from '../topic-series'
import { type EmitterBus, measureEmit } from './emitter'
import { RedisCommands } from './redis-commands'

/** The part of ioredis's `Command` that is used here. */
interface Command {
  readonly name: string
  readonly args: readonly unknown[]
  readonly promise: Promise<unknown>
  readonly callback?: unknown
}

/** The part of ioredis's `Redis` and `Cluster` that is used here. */
interface Client extends EmitterBus {
  sendCommand(command: Command, stream?: unknown, node?: unknown): unknown
  call(...args: string[]): Promise<unknown>
}

/** A command that was queued in a transaction, and what it publishes. */
interface Queued {
  readonly command: Command
  readonly name: string
  readonly topic: TopicSeries | undefined
}

/** Events that bring a message: where its channel is among their arguments, and where the pattern is. */
const MESSAGES: Readonly<Record<string, { readonly channel: number; readonly pattern?: number }>> = {
  message: { channel: 1 },
  messageBuffer: { channel: 1 },
  smessage: { channel: 1 },
  smessageBuffer: { channel: 1 },
  pmessage: { channel: 2, pattern: 1 },
  pmessageBuffer: { channel: 2, pattern: 1 },
}

/**
 * Redis by ioredis: channels and streams of one client or cluster. Published is what the server has answered, within MULTI
 * what was executed. Consumed is what a listener of messages handled, or of a stream what was acknowledged to its group.
 */
export const ioredisAdapter: BusAdapter<Client> = {
  library: 'ioredis',
  system: 'redis',

  recognises(bus) {
    return '_events' in bus && hasMethods(bus, 'sendCommand', 'psubscribe', 'xadd', 'defineCommand', 'call')
  },

  watch(bus, recorder) {
    const stopEmit = measureEmit(bus, recorder, (event) => messageMeasure(recorder, event))
    const commands = new RedisCommands(recorder)
    const { sendCommand } = bus
    /** Commands come here again when they are sent after a reconnection. */
    const seen = new WeakSet<Command>()
    let transaction: Queued[] | undefined

    /** Has the outcome told, and gives what to hand on: nobody looks at the result where another promise is handed out. */
    const told = (
      command: Command,
      stream: unknown,
      result: unknown,
      done: (reply: unknown) => void,
      failed: (error: unknown) => void,
    ): unknown => {
      if (stream === undefined && command.callback === undefined) return settling(result, done, failed)
      listen(command.promise, done, failed)
      return result
    }

    const measured = function (this: unknown, command: Command, stream?: unknown, node?: unknown): unknown {
      const name = String(command?.name).toUpperCase()
      const isNew = command?.promise !== undefined && !seen.has(command)
      // Most commands are about no bus.
      const matters = transaction !== undefined || name === 'MULTI' || commands.publishes(name) || commands.reads(name)
      if (!isNew || !matters) return sendCommand.call(this as Client, command, stream, node)
      const startMs = recorder.clock.monotonicMs()
      const send = () => Reflect.apply(sendCommand, this, [command, stream, node])

      if (name === 'MULTI') transaction = []
      else if (name === 'DISCARD') transaction = undefined
      else if (name === 'EXEC' && transaction !== undefined) {
        seen.add(command)
        const queued = transaction
        transaction = undefined
        return told(
          command,
          stream,
          send(),
          (replies) => executed(queued, replies, commands),
          (error) => {
            for (const { topic } of queued) topic?.countPublishFailed(error)
          },
        )
      } else if (transaction !== undefined) {
        seen.add(command)
        transaction.push({ command, name, topic: commands.published(name, [name, ...command.args]) })
      } else {
        const args = [name, ...command.args]
        const topic = commands.published(name, args)
        if (topic !== undefined || commands.reads(name)) {
          seen.add(command)
          return told(
            command,
            stream,
            send(),
            (reply) => {
              if (topic === undefined) commands.replied(name, args, reply)
              else topic.countPublished(1, recorder.clock.monotonicMs() - startMs)
            },
            (error) => topic?.countPublishFailed(error, 1, recorder.clock.monotonicMs() - startMs),
          )
        }
      }
      return send()
    }
    const override = overrideMethod(bus, 'sendCommand', measured, `bus "${recorder.name}"`)
    return {
      stop() {
        override.restore()
        stopEmit()
      },
      levels: () => commands.levels(([name = '', ...args]) => bus.call(name, ...args)),
    }
  },
}

/** A transaction's replies, in the order of its commands; null where a watched key had changed. */
function executed(queued: readonly Queued[], replies: unknown, commands: RedisCommands): void {
  queued.forEach(({ command, name, topic }, at) => {
    const reply: unknown = Array.isArray(replies) ? replies[at] : undefined
    if (!Array.isArray(replies)) topic?.countPublishFailed(new Reason('aborted'))
    else if (reply instanceof Error) topic?.countPublishFailed(reply)
    else if (topic !== undefined) topic.countPublished()
    else if (commands.reads(name)) commands.replied(name, [name, ...command.args], reply)
  })
}

function messageMeasure(recorder: BusRecorder, event: string | symbol): EventMeasure | undefined {
  const where = typeof event === 'string' && Object.hasOwn(MESSAGES, event) ? MESSAGES[event] : undefined
  if (where === undefined) return undefined
  const { channel, pattern } = where
  return {
    emitted: (...args) => {
      const name = String(args[channel])
      return pattern === undefined
        ? recorder.topic(name, args[channel + 1])
        : recorder.subscribed(name, String(args[pattern]), args[channel + 1])
    },
  }
}
