import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(__dirname, '../..')

export interface Tarball {
  /** A new folder that holds the tarball, for the test to work in and to remove. */
  readonly folder: string
  readonly path: string
  readonly files: readonly string[]
}

/** Packs the built package as a release does. */
export function pack(): Tarball {
  const folder = mkdtempSync(join(tmpdir(), 'meterkit-package-'))
  const answer = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' })
  const packed: ReadonlyArray<{ filename: string; files: ReadonlyArray<{ path: string }> }> = JSON.parse(answer)
  const [one] = packed
  if (one === undefined) throw new Error(`npm pack answered ${answer}`)
  return { folder, path: join(folder, one.filename), files: one.files.map((file) => file.path) }
}
