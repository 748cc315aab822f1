import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that systems give to whoever asks for any. */
const FIRST = 20_000
const LAST = 30_000

/**
 * A port of loopback that is free, and stays so while nobody listens there: no server and no client of other tests, which run
 * at the same time, is given it by chance.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST))
    // On all addresses: whoever listens on one is in the way then.
    const server = createServer().listen(port)
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    await new Promise((resolve) => server.close(resolve))
    if (isFree) return port
  }
}
