import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Builds the application of Next.js that the frameworks' tests have. False where they are not installed. */
export function buildNext(root: string): boolean {
  const workspace = join(root, 'test/frameworks')
  const command = join(workspace, 'node_modules/.bin/next')
  if (!existsSync(command)) return false
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
  const { status, stderr } = spawnSync(command, ['build', 'apps/next'], { cwd: workspace, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`The application of Next.js could not be built: ${stderr}`)
  return true
}
