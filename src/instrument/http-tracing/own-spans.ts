import { IncomingMessage } from 'node:http'
import type { Span } from '@opentelemetry/api'
import { onExcludedRequest } from '../../model/http-exclusion'

/**
 * The spans of requests that turn out to be scrapes, when a handler of ours has them: a span that never ends is never
 * exported.
 */
export class OwnSpans {
  readonly #spans = new WeakMap<object, Span>()
  readonly #endExclusion = onExcludedRequest((request) => this.#drop(request))

  add(span: Span, request: object): void {
    if (request instanceof IncomingMessage) this.#spans.set(request, span)
  }

  stop(): void {
    this.#endExclusion()
  }

  #drop(request: object): void {
    const span = this.#spans.get(request)
    // One that takes no property is exported.
    if (span !== undefined) Reflect.defineProperty(span, 'end', { value: () => {} })
  }
}
