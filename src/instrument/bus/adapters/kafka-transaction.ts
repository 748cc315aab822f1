import type { TopicSeries } from '../topic-series'

/** Messages of one topic that were sent, to be counted. */
export interface Part {
  readonly topic: TopicSeries
  readonly messages: number
}

export function countPublished(parts: readonly Part[], durationMs?: number): void {
  for (const { topic, messages } of parts) topic.countPublished(messages, durationMs)
}

export function countFailed(parts: readonly Part[], error: unknown, durationMs?: number): void {
  for (const { topic, messages } of parts) topic.countPublishFailed(error, messages, durationMs)
}

/** What was sent in one transaction, which counts when that is committed. */
export class Transaction {
  #parts: Part[] = []
  #isCommitted = false
  /** Why it could not be committed yet. */
  #failure: { readonly error: unknown } | undefined

  /** A sending is done, which committing does not wait for. */
  sent(parts: readonly Part[]): void {
    if (this.#isCommitted) countPublished(parts)
    else this.#parts.push(...parts)
  }

  committed(): void {
    this.#isCommitted = true
    countPublished(this.#parts)
    this.#parts = []
  }

  /** With `isFinal` it cannot be committed any more; otherwise that is tried again, or it is aborted. */
  failed(error: unknown, isFinal: boolean): void {
    this.#failure = { error }
    if (isFinal) this.aborted()
  }

  aborted(): void {
    if (this.#failure !== undefined) countFailed(this.#parts, this.#failure.error)
    this.#parts = []
  }
}
