import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** A program of a newer suite of Debian: where it is, if it is here, and what brings it here. */
export interface NewerProgram {
  readonly command: string | undefined
  readonly mend: string
}

export function newerProgram(name: string, version: string): NewerProgram {
  const script = join(__dirname, 'newer-debian.sh')
  const { stdout, status } = spawnSync(script, ['--cached', name, version], { encoding: 'utf8' })
  return { command: status === 0 ? stdout.trim() : undefined, mend: `test/e2e/newer-debian.sh ${name} ${version}` }
}
