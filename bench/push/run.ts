import { join } from 'node:path'
import { Child } from '../child'
import { median } from '../measure'
import { printTable, rowsOf } from '../report'
import { CONTESTANTS, type Temporality } from './contestants'

/** CPU time of an export over OTLP protobuf, to a receiver in another process: ours and the stock SDK's, in turn. */

const ROUNDS = 25
const WARM_UP = 5
const TYPESCRIPT = ['-r', 'ts-node/register/transpile-only']

// What meterkit loads when it is asked for lies with the peers.
process.env.NODE_PATH = join(__dirname, '..', 'node_modules')

async function main(): Promise<void> {
  const sink = new Child(join(__dirname, 'sink.ts'), [], TYPESCRIPT)
  const url = await sink.answer<string>()
  for (const temporality of ['cumulative', 'delta'] as const) await compare(sink, url, temporality)
  sink.end()
}

async function compare(sink: Child, url: string, temporality: Temporality): Promise<void> {
  const children = Object.keys(CONTESTANTS).map((name) => ({
    name,
    child: new Child(join(__dirname, 'child.ts'), [name, temporality, url], [...TYPESCRIPT, '--expose-gc']),
    times: [] as number[],
    sent: 0,
  }))
  for (const { child } of children) await child.answer()
  for (let round = 0; round < ROUNDS; round++) {
    for (const each of children) {
      const time = await each.child.ask<number>({})
      const { bytes } = await sink.ask<{ bytes: number }>({})
      if (bytes === 0) throw new Error(`Nothing arrived of ${each.name}.`)
      each.sent = bytes
      if (round >= WARM_UP) each.times.push(time)
    }
  }
  const costs = new Map(
    children.map(({ name, times, sent }) => [`${name}, ${(sent / 1e6).toFixed(1)} MB`, median(times)]),
  )
  const title = `OTLP export of 10000 label sets × (counter + 11-bucket histogram), ${temporality}`
  printTable(title, 'ms CPU time', rowsOf(costs, [...costs.keys()][0]))
  for (const { child } of children) child.end()
}

void main()
