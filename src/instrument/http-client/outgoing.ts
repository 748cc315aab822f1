import type { Context } from '@opentelemetry/api'
import type { Host } from './hosts'

/** One request from its making to its end: the one object that measuring it costs. */
export class Outgoing {
  /** Until it has ended, and been counted. */
  open = true
  /** Of the response, once its head has come; 0 until then. */
  statusCode = 0
  /** Whether it has failed, with `error`, which may be anything. */
  failed = false
  error: unknown = undefined
  /** The trace that it belongs to, where exemplars are taken. */
  context: Context | undefined = undefined

  constructor(
    readonly method: string,
    readonly host: Host,
    readonly startMs: number,
  ) {}

  fail(error: unknown): void {
    // The first error is the cause of those that follow.
    if (this.failed) return
    this.failed = true
    this.error = error
  }
}

/** A symbol under which one service keeps what it knows of a request on that request. */
export type OutgoingKey = symbol

interface Measured {
  [key: OutgoingKey]: Outgoing | undefined
}

export function attach(outgoing: Outgoing, request: object, key: OutgoingKey): void {
  const measured = request as Measured
  measured[key] = outgoing
}

/** What one service knows of a request, if it measures it. */
export function outgoingOf(request: object, key: OutgoingKey): Outgoing | undefined {
  return (request as Measured)[key]
}

/** Who makes an {@link Outgoing} of a request that is about to leave, and counts it when it has ended. */
export interface OutgoingRecorder {
  /** `undefined` for a request that is not measured. */
  begin(method: string, origin: string, path: string, userAgent: string): Outgoing | undefined
  /** Counts a request, once. Never throws. */
  end(outgoing: Outgoing): void
  /** Is told of what should not have been thrown. */
  fault(error: unknown): void
}
