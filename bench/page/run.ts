import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { Child } from '../child'
import { median } from '../measure'
import { printTable, rowsOf } from '../report'
import type { Question, Ready } from './child'
import { ACCEPT, CONTESTANTS } from './contestants'

/**
 * What a page of many label sets costs, as one string and as a scraper gets it over loopback, and what a label set holds
 * in memory after a page was written. Each contestant has a process of its own, so that none collects the garbage of another,
 * and they take turns.
 */
const WARM_UP_ROUNDS = 6
const ROUNDS = 11
/** So long a measurement should be, in milliseconds of CPU, as some systems count it in steps of milliseconds. */
const MEASURED_MS = 200
const MAX_PAGES = 50
const TITLE = 'Page of 10000 label sets × (counter + 11-bucket histogram)'

/** Milliseconds of CPU that so many pages of a contestant take. */
type Measurement = (pages: number) => Promise<number>

async function main(): Promise<void> {
  const children = new Map<string, Child>()
  try {
    const held = new Map<string, number>()
    const pages = new Map<string, Measurement>()
    const scrapes = new Map<string, Measurement>()
    for (const name of Object.keys(CONTESTANTS)) {
      const child = new Child(join(__dirname, 'child.ts'), [name], ['--expose-gc', ...process.execArgv])
      children.set(name, child)
      const { port, heldBytes } = await child.answer<Ready>()
      held.set(name, heldBytes)
      pages.set(name, (count) => ask(child, { task: 'page', pages: count }))
      const formats = name === 'meterkit' ? ACCEPT : { text: ACCEPT.text }
      for (const [format, accept] of Object.entries(formats)) {
        scrapes.set(format === 'text' ? name : `${name}, ${format}`, (count) => scraped(child, port, accept, count))
      }
    }
    printTable(TITLE, 'ms of CPU', rowsOf(await inTurns(pages)))
    printTable(`${TITLE}, scraped`, 'ms of CPU', rowsOf(await inTurns(scrapes)))
    printTable('Memory held per label set after a page', 'bytes', rowsOf(held))
  } finally {
    for (const child of children.values()) child.end()
  }
}

const ask = (child: Child, question: Question) => child.ask<number>(question)

/** Milliseconds of CPU that scrapes, one after the other, take the contestant; behind one that is not counted. */
async function scraped(child: Child, port: number, accept: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  await ask(child, { task: 'mark' })
  await scrape(agent, port, accept)
  const first = await ask(child, { task: 'read' })
  for (let page = 0; page < count; page++) await scrape(agent, port, accept)
  const taken = (await ask(child, { task: 'read' })) - first
  agent.destroy()
  return taken
}

/** Fetches a page and looks at none of it. */
function scrape(agent: Agent, port: number, accept: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent, headers: { accept }, timeout: 60_000 }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`A scrape was answered with ${response.statusCode}.`))
      response.on('end', resolve).on('error', reject).resume()
    })
    request.on('timeout', () => request.destroy(new Error('A scrape was not answered.'))).on('error', reject)
  })
}

/** What a page costs, by contestant: the median over rounds in which all of them take turns. */
async function inTurns(measurements: ReadonlyMap<string, Measurement>): Promise<Map<string, number>> {
  const taken = new Map([...measurements.keys()].map((name) => [name, [] as number[]]))
  const counts = new Map<string, number>()
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    for (const [name, measure] of measurements) {
      const count = counts.get(name) ?? 1
      const cost = (await measure(count)) / count
      if (round >= 0) taken.get(name)?.push(cost)
      else counts.set(name, Math.max(1, Math.min(MAX_PAGES, Math.round(MEASURED_MS / Math.max(cost, 1)))))
    }
  }
  return new Map([...taken].map(([name, costs]) => [name, median(costs)]))
}

void main()
