import type { RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'

type MakeNext = (options: { dev: boolean; dir: string }) => {
  prepare(): Promise<void>
  getRequestHandler(): RequestListener
}

/** What handles the requests of the application of the frameworks' tests, as it was built, with the Next.js that they have. */
export async function nextHandler(root: string): Promise<RequestListener> {
  const workspace = join(root, 'test/frameworks')
  Object.assign(process.env, { NODE_ENV: 'production' })
  const next = createRequire(join(workspace, 'package.json'))('next') as MakeNext
  const app = next({ dev: false, dir: join(workspace, 'apps/next') })
  await app.prepare()
  return app.getRequestHandler()
}
