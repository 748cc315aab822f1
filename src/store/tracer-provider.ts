import { ProxyTracerProvider, trace } from '@opentelemetry/api'

/** Nothing tells when one is registered, so it is looked for again and again: the longest that looks are apart, in milliseconds. */
export const LAST_LOOK_MS = 60_000

/** How long what a look has found is taken for true by those that ask with every request, in milliseconds. */
const LOOK_EVERY_MS = 100

/**
 * Says when those that ask with every request are to look. A look goes through so much of the API that it takes longer than all
 * else that measuring a request does.
 */
export class RareLook {
  #lookedAtMs = Number.NEGATIVE_INFINITY

  /** Whether to look now, by a clock that never goes back; that look has been, then. */
  isDue(monotonicMs: number): boolean {
    if (monotonicMs - this.#lookedAtMs < LOOK_EVERY_MS) return false
    this.#lookedAtMs = monotonicMs
    return true
  }
}

/** Calls `run` once after so many milliseconds, without keeping the process from ending. */
export type Later = (run: () => void, ms: number) => void

/** A tracer provider of the API's own, of either of its builds: it stands for the one that is registered. */
interface Proxy {
  getDelegate(): unknown
}

const NOTHING_REGISTERED = new ProxyTracerProvider().getDelegate()

/**
 * Whether the application has registered a tracer provider: until it has, the API's own stands for it and leads to one that
 * does nothing.
 */
export function hasTracerProvider(): boolean {
  const provider: object = trace.getTracerProvider()
  const registered = 'getDelegate' in provider ? (provider as Proxy).getDelegate() : provider
  return registered !== NOTHING_REGISTERED
}
