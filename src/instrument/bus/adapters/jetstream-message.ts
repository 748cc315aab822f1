import type { AnyFunction } from '../bus-recorder'
import type { Delivery } from '../delivery'

const DELIVERY = Symbol('delivery')
const LAST = Symbol('last')
const BEFORE = Symbol('before')

/** The part of JetStream's `JsMsg` that is used here. */
export interface Message {
  readonly subject: string
  readonly data?: Uint8Array
  readonly seq: number
  readonly info?: { readonly deliveryCount: number }
  /** Where it is acknowledged. */
  readonly reply?: string
  ack?: AnyFunction
  ackAck?: AnyFunction
  nak?: AnyFunction
  next?: AnyFunction
  term?: AnyFunction
  /** Until it is settled. */
  [DELIVERY]?: Delivery | undefined
  /** Where it is not delivered again: hears that it is settled. */
  [LAST]?: (sequence: number) => void
  /** Where acknowledging it acknowledges those before it: hears of that. */
  [BEFORE]?: (sequence: number) => void
}

/** Has the delivery told by the message's own methods how it is settled: the message lives no longer than its handling. */
export function settleBy(message: Message, delivery: Delivery): void {
  message[DELIVERY] = delivery
  // The same functions for every message, so that a message costs no closures.
  message.ack = ack
  message.ackAck = ackAck
  message.nak = nak
  message.next = next
  message.term = term
}

/** The message is not delivered again; `onSettled` hears of its acknowledgement or refusal. */
export function isLast(message: Message, onSettled: (sequence: number) => void): void {
  message[LAST] = onSettled
}

/** Acknowledging the message acknowledges all before it, of which `onAcknowledged` hears. */
export function acknowledgesAll(message: Message, onAcknowledged: (sequence: number) => void): void {
  message[BEFORE] = onAcknowledged
}

const acknowledge: Settle = (delivery, _isLast, message) => {
  delivery.acknowledge()
  message[BEFORE]?.(message.seq)
}
const ack = settlingMethod('ack', acknowledge)
const next = settlingMethod('next', acknowledge)
const nak = settlingMethod('nak', (delivery, isLastDelivery) => delivery.reject('nak', isLastDelivery))
const term = settlingMethod('term', (delivery) => delivery.reject('term', true))

type Settle = (delivery: Delivery, isLastDelivery: boolean, message: Message) => void

function settlingMethod(key: 'ack' | 'nak' | 'next' | 'term', settle: Settle): AnyFunction {
  return function (this: unknown, ...args) {
    const message = this as Message
    const result = Reflect.apply(Object.getPrototypeOf(message)[key], message, args)
    settled(message, settle)
    return result
  }
}

/** Acknowledged when the server says so. Without its answer the message may come again, which then tells. */
async function ackAck(this: unknown, ...args: never[]): Promise<unknown> {
  const message = this as Message
  const result = await Reflect.apply(Object.getPrototypeOf(message).ackAck, message, args)
  settled(message, acknowledge)
  return result
}

function settled(message: Message, settle: Settle): void {
  const delivery = message[DELIVERY]
  if (delivery === undefined) return
  // It may serve another message from now on.
  message[DELIVERY] = undefined
  settle(delivery, message[LAST] !== undefined, message)
  message[LAST]?.(message.seq)
}

/**
 * What the subject tells by which a message is acknowledged: `$JS.ACK.<stream>.<consumer>.<deliveries>.<sequence>.…`, or
 * with `<domain>.<account>` before the stream (ADR-15). Read by hand: the library takes it to pieces, which takes longer
 * than all else that is done for a message.
 */
export class DeliveryPosition {
  /** How often the message was delivered, this time included. */
  deliveries = 1
  /** Its number in the stream. */
  sequence = 0

  of(message: Message): this {
    if (!this.#read(message.reply ?? '')) {
      this.sequence = message.seq
      this.deliveries = message.info?.deliveryCount ?? 1
    }
    return this
  }

  #read(subject: string): boolean {
    if (!subject.startsWith('$JS.ACK.')) return false
    let token = 0
    let value = 0
    let [deliveries, sequence, laterDeliveries, laterSequence] = [0, 0, 0, 0]
    for (let at = 0; at <= subject.length; at++) {
      const digit = at === subject.length ? DOT : subject.charCodeAt(at) - ZERO
      if (digit !== DOT) {
        value = digit >= 0 && digit <= 9 ? value * 10 + digit : Number.NaN
        continue
      }
      if (token === 4) deliveries = value
      else if (token === 5) sequence = value
      else if (token === 6) laterDeliveries = value
      else if (token === 7) laterSequence = value
      token++
      value = 0
    }
    this.deliveries = token === 9 ? deliveries : laterDeliveries
    this.sequence = token === 9 ? sequence : laterSequence
    return (token === 9 || token > 10) && this.deliveries > 0 && this.sequence > 0
  }
}

const ZERO = 48
/** That of a dot, and of the end. */
const DOT = '.'.charCodeAt(0) - ZERO
