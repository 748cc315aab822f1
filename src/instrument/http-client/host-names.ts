import { detached } from '../../model/detached'
import { MAX_MAX_HOSTS } from '../../model/http-client-options'
import { MAX_HOST_LENGTH } from './hosts'

/** Longer ones are not worth keeping: their host is no host, or their credentials are long. */
const MAX_ORIGIN_LENGTH = 2 * MAX_HOST_LENGTH
/** Names of this many origins are kept for each that may be measured: an origin can be written in several ways. */
const MAX_ORIGINS = 4 * MAX_MAX_HOSTS

/** Tells the host that an origin (`https://user@Example.com:443`) names: `example.com`. */
export class HostNames {
  readonly #byOrigin = new Map<string, string>()

  of(origin: string): string {
    const known = this.#byOrigin.get(origin)
    if (known !== undefined) return known
    const name = nameOf(origin)
    if (this.#byOrigin.size < MAX_ORIGINS && origin.length <= MAX_ORIGIN_LENGTH)
      this.#byOrigin.set(detached(origin), name)
    return name
  }
}

/** In small letters and in ASCII, without credentials, a port that is the protocol's own, or the dot of a root; `''` for none. */
function nameOf(origin: string): string {
  const url = URL.parse(origin)
  if (url === null) return ''
  return url.port === '' ? url.hostname.replace(/\.$/, '') : `${url.hostname.replace(/\.$/, '')}:${url.port}`
}
