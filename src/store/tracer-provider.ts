import { ProxyTracerProvider, trace } from '@opentelemetry/api'

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
