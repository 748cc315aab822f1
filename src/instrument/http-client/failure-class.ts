import { errorClass } from '../error-class'

/** System and library codes, such as `ECONNREFUSED` and `UND_ERR_HEADERS_TIMEOUT`. */
const CODE = /^[A-Z][A-Z0-9_]{1,63}$/
const MAX_LENGTH = 64
/** Distinct classes before `(other)` takes the rest: reasons of aborts are the application's, and may be anything. */
const MAX_CLASSES = 50
const OTHER = '(other)'

/** The values of the label `error`: few, whatever is thrown. */
export class FailureClasses {
  readonly #known = new Set<string>()

  /**
   * What a request failed with: `AbortError` or `TimeoutError` where the application gave up, whichever client it used;
   * else the error's code, as most failures of a network are of class `Error`; else its class. Never a message.
   */
  of(error: unknown): string {
    const text = textOf(error)
    if (this.#known.has(text)) return text
    if (text.length > MAX_LENGTH || this.#known.size === MAX_CLASSES) return OTHER
    this.#known.add(text)
    return text
  }
}

function textOf(error: unknown): string {
  try {
    if (typeof error === 'object' && error !== null) {
      const { name, code } = error as { readonly name?: unknown; readonly code?: unknown }
      if (name === 'AbortError' || name === 'TimeoutError') return name
      if (typeof code === 'string' && CODE.test(code)) return code
    }
  } catch {
    // A proxy or a getter that throws has no code to tell.
  }
  return errorClass(error)
}
