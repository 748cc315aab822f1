import { errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { isTopicPattern, topicMatcher } from './topic-patterns'

/** Names a topic for the metrics; `undefined` leaves the message out of them. */
export type NameTopic = (topic: string | symbol, message?: unknown) => string | undefined

export interface TopicOptions {
  readonly name: string
  readonly topic?: NameTopic | undefined
  readonly patterns?: readonly string[] | undefined
}

/** What the topics of one bus are called in its metrics. */
export class TopicNames {
  /** Whether the name depends on the message, so that each has to be asked for. */
  readonly perMessage: boolean
  /** Whether what a message was subscribed to by decides alone what it is called. */
  readonly followsSubscription: boolean
  readonly #options: TopicOptions
  readonly #log: Logger
  readonly #patterns: readonly { readonly pattern: string; readonly fits: (topic: string) => boolean }[]
  #warned = false

  constructor(options: TopicOptions, log: Logger) {
    this.#options = options
    this.#log = log
    this.#patterns = (options.patterns ?? []).map((pattern) => ({ pattern, fits: topicMatcher(pattern) }))
    this.perMessage = (options.topic?.length ?? 0) > 1
    this.followsSubscription = options.topic === undefined
  }

  /** `subscription` is what a received message was subscribed to by: a pattern counts in the place of the topic. */
  nameOf(topic: string | symbol, message?: unknown, subscription?: string): string | undefined {
    const { topic: name } = this.#options
    if (name === undefined) return this.#standard(topic, subscription)
    try {
      const named: unknown = name(topic, message)
      return named === undefined ? undefined : String(named)
    } catch (error) {
      if (!this.#warned) this.#log.warn(`The topic function of bus "${this.#options.name}" threw: ${errorText(error)}`)
      this.#warned = true
      return this.#standard(topic, subscription)
    }
  }

  #standard(topic: string | symbol, subscription: string | undefined): string {
    if (subscription !== undefined && isTopicPattern(subscription)) return subscription
    const text = typeof topic === 'string' ? topic : symbolText(topic)
    for (const { pattern, fits } of this.#patterns) if (fits(text)) return pattern
    return text
  }
}

function symbolText({ description }: symbol): string {
  return description === undefined || description === '' ? '(symbol)' : description
}
