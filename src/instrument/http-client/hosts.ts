import type { BoundHistogram } from '../../facade/histogram'
import { detached } from '../../model/detached'
import { DefinitionError, received } from '../../model/errors'
import { DEFAULT_MAX_HOSTS, MAX_MAX_HOSTS } from '../../model/http-client-options'

/** The host of requests that came after the limit of distinct hosts was reached, or that name none. */
const OTHER = '(other)'
/** The longest name that DNS has (RFC 1035, section 2.3.4), and a port. */
export const MAX_HOST_LENGTH = 255 + ':65535'.length

/** One value of the `host` label, with the series already made for it. */
export class Host {
  /** By method and status code as one number, so that a request costs one look-up by integer and builds no key text. */
  readonly durations = new Map<number, BoundHistogram>()

  constructor(readonly text: string) {}
}

/** Every value that the `host` label has: bounded, wherever requests are sent to. */
export class Hosts {
  readonly #other = new Host(OTHER)
  readonly #byText = new Map<string, Host>([[OTHER, this.#other]])
  readonly #maxHosts: number

  constructor(
    maxHosts: number = DEFAULT_MAX_HOSTS,
    private readonly onLimit: (limit: number) => void,
  ) {
    if (!Number.isInteger(maxHosts) || maxHosts < 1 || maxHosts > MAX_MAX_HOSTS) {
      throw new DefinitionError(
        `Cannot instrument "http.client": maxHosts must be a whole number from 1 to ${MAX_MAX_HOSTS}, got ${received(maxHosts)}. Leave it out for ${DEFAULT_MAX_HOSTS}.`,
      )
    }
    this.#maxHosts = maxHosts
  }

  /** The host of a name. */
  of(name: string): Host {
    const known = this.#byText.get(name)
    if (known !== undefined) return known
    // `(other)` is in the map as well.
    if (this.#byText.size > this.#maxHosts || name === '' || name.length > MAX_HOST_LENGTH) return this.#other
    const host = new Host(detached(name))
    this.#byText.set(host.text, host)
    if (this.#byText.size > this.#maxHosts) this.onLimit(this.#maxHosts)
    return host
  }
}
