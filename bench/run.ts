import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { summaryOf } from './summary'

/**
 * Runs the benchmarks, each in a process of its own, and prints their tables; `--write` puts them into
 * docs/BENCHMARKS.md, and the ratios of all of them into README.md. Names of benchmarks (`recording`, `page`, …) run
 * those alone.
 */
const BENCHMARKS: Readonly<Record<string, string>> = {
  recording: 'recording.ts',
  allocation: 'allocation.ts',
  page: 'page.ts',
  http: 'http/run.ts',
  behaviour: 'behaviour.ts',
}

/** Between these lines a page belongs to the command. */
const BEGIN = '<!-- made by `npm run bench -- --write`: begin -->'
const END = '<!-- made by `npm run bench -- --write`: end -->'

const options = process.argv.slice(2)
const asked = options.filter((option) => option in BENCHMARKS)
const names = asked.length > 0 ? asked : Object.keys(BENCHMARKS)
const tables = names.map(tablesOf).join('\n\n')

if (options.includes('--write')) {
  if (asked.length > 0) throw new Error('The pages hold all benchmarks: leave the names out with --write.')
  const machine = `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}.`
  replacePart('docs/BENCHMARKS.md', `${machine}\n\n${tables}`)
  replacePart('README.md', summaryOf(tables))
}

function tablesOf(name: string): string {
  const file = join(__dirname, BENCHMARKS[name] as string)
  const { stdout, status } = spawnSync(
    process.execPath,
    ['--expose-gc', '-r', 'ts-node/register/transpile-only', file],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  process.stdout.write(stdout)
  if (status !== 0) throw new Error(`The benchmark "${name}" failed.`)
  return stdout.trim()
}

function replacePart(file: string, part: string): void {
  const path = join(__dirname, '..', file)
  const [before, rest] = readFileSync(path, 'utf8').split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) throw new Error(`${file} has no place for the benchmarks.`)
  writeFileSync(path, `${before}${BEGIN}\n\n${part}\n\n${END}${after}`)
}
