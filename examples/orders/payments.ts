import { setTimeout as delay } from 'node:timers/promises'
import CircuitBreaker from 'opossum'
import type { Random } from './random'

export interface Payment {
  readonly units: number
}

export interface Receipt {
  /** `deferred`: the provider could not be reached; the order is taken and charged later. */
  readonly status: 'paid' | 'deferred'
}

/** How the provider is doing: always a little unreliable, sometimes hardly there. */
export type Health = 'good' | 'bad'

/** Good for the first three fifths of every cycle, bad for the rest. */
export function healthCycle(cycleMs: number, nowMs: () => number = () => performance.now()): () => Health {
  const startMs = nowMs()
  return () => (((nowMs() - startMs) / cycleMs) % 1 < 0.6 ? 'good' : 'bad')
}

/** A payment provider that needs no network: it answers late, fails now and then, and nearly always when its health is bad. */
export function createProvider(random: Random, health: () => Health): (payment: Payment) => Promise<Receipt> {
  return async () => {
    const isBad = health() === 'bad'
    await delay(isBad ? 40 + random() * 400 : 10 + random() * 60)
    if (random() < (isBad ? 0.9 : 0.02)) throw new Error('payment provider: 503 Service Unavailable')
    return { status: 'paid' }
  }
}

export type PaymentBreaker = CircuitBreaker<[Payment], Receipt>

/** Puts a circuit breaker around a provider: while it is open, orders are taken and the payment is deferred. */
export function protectPayments(
  charge: (payment: Payment) => Promise<Receipt>,
  { resetTimeoutMs = 5_000 }: { readonly resetTimeoutMs?: number } = {},
): PaymentBreaker {
  const breaker = new CircuitBreaker(charge, {
    name: 'payments',
    timeout: 300,
    errorThresholdPercentage: 50,
    volumeThreshold: 4,
    rollingCountTimeout: 3_000,
    resetTimeout: resetTimeoutMs,
  })
  breaker.fallback((): Receipt => ({ status: 'deferred' }))
  return breaker
}
