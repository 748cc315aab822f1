import { hasTracerProvider } from '../store/tracer-provider'

/** Whether the application traces: it has registered a tracer provider. Asked each time, as that may be at any time. */
export function isTraced(): boolean {
  return hasTracerProvider()
}
