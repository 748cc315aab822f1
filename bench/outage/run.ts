import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../child'
import { keepApart } from '../scale/keep-apart'
import type { Question as LoadQuestion } from '../scale/load'
import type { Stall } from '../scale/stalls'
import type { Memory, Ready, Question as ServiceQuestion } from './service'
import { type Question, type Received, TROUBLES, type Trouble } from './trouble'

/**
 * What an outage of the receiver does to a service that pushes deltas every second and serves HTTP meanwhile: how long
 * requests wait that come at a steady rate from another process, how long the event loop stands still, what memory it holds,
 * and what has arrived in the end. Each trouble has a service of its own. `OUTAGE_SECONDS=120` is how long each lasts; names
 * of troubles run those alone.
 */
const OUTAGE_MS = Number(process.env.OUTAGE_SECONDS ?? 10) * 1_000
const REQUESTS_PER_SECOND = 1_000
const WARM_UP_MS = 3_000
/** How long it goes well before and after. */
const AROUND_MS = Math.min(10_000, OUTAGE_MS)
/** What asking for memory holds up has passed by then. */
const SETTLED_MS = 200

// What meterkit loads when it is asked for lies with the peers.
process.env.NODE_PATH = join(__dirname, '..', 'node_modules')

interface Phase extends Memory {
  readonly p99Ms: number
  readonly stall: Stall
}

interface Outcome {
  /** Before, during and after the outage. */
  readonly phases: readonly Phase[]
  readonly recorded: number
  readonly received: Received
}

async function outcomeOf(trouble: Trouble): Promise<Outcome> {
  const receiver = new Child(join(__dirname, 'receiver.ts'), [], process.execArgv)
  const load = new Child(join(__dirname, '../scale/load.ts'), [], process.execArgv)
  const { port } = await receiver.answer<Received>()
  const service = new Child(join(__dirname, 'service.ts'), [`http://127.0.0.1:${port}/v1/metrics`], process.execArgv)
  const become = (next: Trouble) => receiver.ask<Received>({ trouble: next } satisfies Question)
  const latencies = (question: LoadQuestion = { task: 'read' }) => load.ask<number[]>(question)
  const told = <T>(task: ServiceQuestion['task']) => service.ask<T>({ task } satisfies ServiceQuestion)
  const phase = async (lengthMs: number): Promise<Phase> => {
    await delay(SETTLED_MS)
    await told<Stall>('stall')
    await latencies()
    await delay(lengthMs)
    const stall = await told<Stall>('stall')
    return { stall, p99Ms: p99(await latencies()), ...(await told<Memory>('memory')) }
  }
  try {
    const ready = await service.answer<Ready>()
    keepApart(service, load, receiver)
    await latencies({ task: 'drive', port: ready.port, perSecond: REQUESTS_PER_SECOND })
    await delay(WARM_UP_MS)
    const before = await phase(AROUND_MS)
    await become(trouble)
    const during = await phase(OUTAGE_MS)
    await become('none')
    const after = await phase(AROUND_MS)
    load.end()
    const recorded = await told<number>('flush')
    return { phases: [before, during, after], recorded, received: await receiver.ask<Received>({}) }
  } finally {
    for (const child of [load, service, receiver]) child.end()
  }
}

function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN
}

async function main(asked: readonly string[]): Promise<void> {
  console.log(
    `\n### Deltas of 10000 label sets × (counter + 11-bucket histogram) every second, receiver in trouble for ${OUTAGE_MS / 1_000} s\n`,
  )
  console.log(
    '| before / during / after | p99 of requests, ms | longest stall, ms processor time | heap and buffers, MB | resident, MB | recorded | received: counter, histogram |',
  )
  console.log('|---|---:|---:|---:|---:|---:|---:|')
  for (const trouble of TROUBLES) {
    if (asked.length > 0 && !asked.includes(trouble)) continue
    const { phases, recorded, received } = await outcomeOf(trouble)
    const each = (number: (phase: Phase) => number, digits = 0) =>
      phases.map((phase) => number(phase).toFixed(digits)).join(' / ')
    const cells = [
      trouble,
      each(({ p99Ms }) => p99Ms, 1),
      each(({ stall }) => stall.cpuMs, 1),
      each(({ heapBytes }) => heapBytes / 1e6),
      each(({ residentBytes }) => residentBytes / 1e6),
      recorded,
      `${received.counted}, ${received.measured}`,
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}

void main(process.argv.slice(2))
