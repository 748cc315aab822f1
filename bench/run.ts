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
  native: 'native.ts',
  allocation: 'allocation.ts',
  page: 'page/run.ts',
  scale: 'scale/run.ts',
  breakers: 'breakers.ts',
  'breaker-allocation': 'breaker-allocation.ts',
  buses: 'buses.ts',
  'bus-allocation': 'bus-allocation.ts',
  http: 'http/run.ts',
  push: 'push/run.ts',
  outage: 'outage/run.ts',
  behaviour: 'behaviour.ts',
}

/** Options of Node.js for a benchmark. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  // Room for all that ten million recordings could allocate, so that no garbage collection hides it.
  'breaker-allocation': ['--min-semi-space-size=512', '--max-semi-space-size=512'],
  'bus-allocation': ['--min-semi-space-size=512', '--max-semi-space-size=512'],
  allocation: ['--min-semi-space-size=512', '--max-semi-space-size=512'],
}

/** Between these lines a page belongs to the command. */
const BEGIN = '<!-- made by `npm run bench -- --write`: begin -->'
const END = '<!-- made by `npm run bench -- --write`: end -->'

const options = process.argv.slice(2)
const asked = options.filter((option) => option in BENCHMARKS)
const names = asked.length > 0 ? asked : Object.keys(BENCHMARKS)
const tables = names.map(tablesOf).join('\n\n')

if (options.includes('--write')) {
  const all = replaceTables(partOf('docs/BENCHMARKS.md').part, signed(tables))
  replacePart('docs/BENCHMARKS.md', all)
  replacePart('README.md', summaryOf(all))
}

function tablesOf(name: string): string {
  const file = join(__dirname, BENCHMARKS[name] as string)
  const { stdout, status } = spawnSync(
    process.execPath,
    [...(FLAGS[name] ?? []), '--expose-gc', '-r', 'ts-node/register/transpile-only', file],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  )
  process.stdout.write(stdout)
  if (status !== 0) throw new Error(`The benchmark "${name}" failed.`)
  return stdout.trim()
}

/** Tables that say each where it was made: others of the page may come from another machine. */
function signed(fresh: string): string {
  const machine = `Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}.`
  return fresh.replaceAll(/^### .*$/gm, (title) => `${title}\n\n${machine}`)
}

/** The tables of a page, with those that were made anew in the place of the old ones of the same title. */
function replaceTables(page: string, fresh: string): string {
  const sections = new Map<string, string>()
  for (const section of `${page}\n\n${fresh}`.split(/^(?=### )/m).slice(1)) {
    sections.set(section.split('\n', 1)[0] ?? '', section.trim())
  }
  return [...sections.values()].join('\n\n')
}

function partOf(file: string): { before: string; part: string; after: string } {
  const [before, rest] = readFileSync(join(__dirname, '..', file), 'utf8').split(BEGIN)
  const [part, after] = rest?.split(END) ?? []
  if (before === undefined || part === undefined || after === undefined) {
    throw new Error(`${file} has no place for the benchmarks.`)
  }
  return { before, part, after }
}

function replacePart(file: string, part: string): void {
  const { before, after } = partOf(file)
  writeFileSync(join(__dirname, '..', file), `${before}${BEGIN}\n\n${part}\n\n${END}${after}`)
}
