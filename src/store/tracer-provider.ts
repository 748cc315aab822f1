import { ProxyTracerProvider, trace } from '@opentelemetry/api'

/** Nothing tells when one is registered, so it is looked for again and again: the longest that looks are apart, in milliseconds. */
export const LAST_LOOK_MS = 60_000

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
