import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CONTESTANTS } from './contestants'

/** What the parent asks of a contestant's process. */
export type Question = { readonly task: 'page'; readonly pages: number } | { readonly task: 'mark' | 'read' }

/** What the process says of itself when it is ready. */
export interface Ready {
  readonly port: number
  /** Bytes held per label set. */
  readonly heldBytes: number
}

const LABEL_SETS = 10_000
/** So many label sets are there before it is counted what the others hold: code and what there is once is no part of it. */
const FIRST_LABEL_SETS = 1_000

function heldBytes(): number {
  for (let pass = 0; pass < 3; pass++) global.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  // All of `arrayBuffers` is in `external`.
  return heapUsed + external
}

async function main(name: string): Promise<void> {
  const make = CONTESTANTS[name]
  if (make === undefined) throw new Error(`There is no contestant "${name}".`)
  const contestant = make()
  const write = async (labelSets: number) => {
    contestant.record(0, labelSets)
    return (await contestant.page()).length
  }
  for (let round = 0; round < 5; round++) await write(FIRST_LABEL_SETS)
  const before = heldBytes()
  await write(LABEL_SETS)
  const held = (heldBytes() - before) / (LABEL_SETS - FIRST_LABEL_SETS)
  const server = createServer((request, response) => void contestant.answer(request, response))
  let mark = process.cpuUsage()
  const sinceMark = () => {
    const { user, system } = process.cpuUsage(mark)
    return (user + system) / 1_000
  }
  process.on('message', async (question: Question) => {
    if (question.task !== 'read') {
      contestant.record(0, LABEL_SETS)
      if (question.task === 'page') await contestant.page()
      mark = process.cpuUsage()
    }
    if (question.task === 'page') for (let page = 0; page < question.pages; page++) await contestant.page()
    process.send?.(sinceMark())
  })
  process.on('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port, heldBytes: held } satisfies Ready)
  })
}

void main(process.argv[2] ?? '')
