import { subscribe } from 'node:diagnostics_channel'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Runs the server that Nitro has built, which listens by itself. */
export async function serve() {
  const listening = new Promise((resolve) => {
    subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => resolve(server))
  })
  process.env.NITRO_UNIX_SOCKET = join(process.env.SOCKETS, `nitro-${process.pid}`)
  await import(pathToFileURL(join(process.cwd(), 'apps/nitro/.output/server/index.mjs')))
  return await listening
}
