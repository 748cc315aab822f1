import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { FORMATS } from './check'
import type { Outcome, Share } from './worker'

/**
 * Makes up registries, writes their pages in every format, has parsers that are not ours read them, and compares that with
 * what was recorded: `FUZZ_COUNT=100000 FUZZ_SEED=1 npm run test:fuzz`. The seed of the first registry is told, and that of
 * one that fails, with the smallest registry that still does.
 */
const count = numberOf('FUZZ_COUNT', 100_000)
const seed = numberOf('FUZZ_SEED', Math.floor(Math.random() * 2 ** 31))
/** A process and its parser, which take turns, are a little more than one processor's work. */
const processes = numberOf('FUZZ_PROCESSES', availableParallelism())

function numberOf(variable: string, otherwise: number): number {
  const number = Number(process.env[variable] ?? otherwise)
  if (!Number.isInteger(number) || number < 0) throw new Error(`${variable} must be a whole number`)
  return number
}

async function outcomeOf(share: Share): Promise<Outcome> {
  const child = fork(join(__dirname, 'worker.ts'), { execArgv: process.execArgv })
  const ended = new AbortController()
  const { signal } = ended
  try {
    child.send(share)
    const [outcome] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`A process of the fuzz ended with ${code}.`)
      }),
    ])) as [Outcome]
    return outcome
  } finally {
    ended.abort()
  }
}

async function main(): Promise<void> {
  console.log(`${count} registries from seed ${seed} on, each as ${FORMATS.join(', ')}`)
  const started = performance.now()
  const part = Math.ceil(count / processes)
  const shares = Array.from({ length: processes }, (_, index) => ({
    first: seed + index * part,
    count: Math.max(0, Math.min(part, count - index * part)),
  }))
  const outcomes = await Promise.all(shares.map(outcomeOf))
  for (const { failure } of outcomes) {
    if (failure === undefined) continue
    process.exitCode = 1
    console.log(`\nFUZZ_SEED=${failure.seed} FUZZ_COUNT=1 fails:\n${failure.message}\n${failure.plan}`)
  }
  const checked = outcomes.reduce((sum, outcome) => sum + outcome.checked, 0)
  const seconds = (performance.now() - started) / 1_000
  const pages = checked * FORMATS.length
  if (process.exitCode === 1) return
  console.log(`${checked} registries, ${pages} pages came back as they were, in ${seconds.toFixed(0)} s`)
}

void main()
