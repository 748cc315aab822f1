import { setTimeout as delay } from 'node:timers/promises'
import { REGIONS, SKUS, TIERS } from './orders'
import { pick, type Random } from './random'

/** When more orders than this wait, one is shipped for each that is placed. */
const PILE = 20

export interface Traffic {
  /** Lets no new customer in and waits for those inside. */
  stop(): Promise<void>
}

export interface TrafficOptions {
  /** Where the shop is: `http://localhost:3000`. */
  readonly url: string
  readonly random: Random
  /** On average; 0 for none. */
  readonly requestsPerSecond: number
}

/** Customers who order, look, lose patience and mistype, a few each second. */
export function startTraffic({ url, random, requestsPerSecond }: TrafficOptions): Traffic {
  const closing = new AbortController()
  const inside = new Set<Promise<void>>()
  const visit = createVisit(url, random)

  const opened = (async () => {
    while (requestsPerSecond > 0 && !closing.signal.aborted) {
      // The shop may be gone before a customer is served: that is the customer's trouble.
      const customer: Promise<void> = visit()
        .catch(() => {})
        .finally(() => inside.delete(customer))
      inside.add(customer)
      await delay((random() * 2_000) / requestsPerSecond, undefined, { signal: closing.signal }).catch(() => {})
    }
  })()

  return {
    stop: async () => {
      closing.abort()
      await opened
      await Promise.all(inside)
    },
  }
}

function createVisit(url: string, random: Random): () => Promise<void> {
  const unshipped: string[] = []

  const place = async () => {
    const order = { sku: pick(random, SKUS), quantity: 1 + Math.floor(random() * 3) }
    const { body } = await send('POST', '/orders', {
      ...order,
      region: pick(random, REGIONS),
      tier: pick(random, TIERS),
    })
    if (typeof body.id === 'string') unshipped.push(body.id)
    if (unshipped.length > PILE) await ship()
  }
  const look = () => send('GET', `/orders/${unshipped.at(-1) ?? 'none-yet'}`)
  const ship = () => send('POST', `/orders/${unshipped.shift() ?? 'none-yet'}/shipment`)
  const orderNonsense = () => send('POST', '/orders', { sku: 'unicorn' })
  const mistype = () => send('GET', pick(random, ['/order', '/oders/1', '/wp-login.php']))
  const checkHealth = () => send('GET', '/health')
  const losePatience = () => send('GET', '/report', undefined, AbortSignal.timeout(100))

  const send = async (method: string, path: string, order?: unknown, signal?: AbortSignal) => {
    const response = await fetch(url + path, {
      method,
      ...(order === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) }),
      ...(signal ? { signal } : {}),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    return { body: (isJson ? JSON.parse(text) : {}) as Record<string, unknown> }
  }

  return async () => {
    const dice = random()
    if (dice < 0.45) await place()
    else if (dice < 0.7) await look()
    else if (dice < 0.85) await ship()
    else if (dice < 0.88) await orderNonsense()
    else if (dice < 0.93) await mistype()
    else if (dice < 0.96) await losePatience()
    else await checkHealth()
  }
}
