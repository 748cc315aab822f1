import { createServer } from 'node:http'
import { join } from 'node:path'
import next from 'next'
import { listening } from './support.mjs'

/** Serves the application as it was built, by a server of one's own. */
export async function serve() {
  const app = next({ dev: false, dir: join(process.cwd(), 'apps/next') })
  await app.prepare()
  const handle = app.getRequestHandler()
  return await listening(createServer((request, response) => handle(request, response)))
}
