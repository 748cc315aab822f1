import { changes, samplesOf } from '../support/page'
import { until } from '../support/until'
import { Http1Client, Http2Client } from './client'
import type { Row } from './rows'
import { Running } from './running'
import { play, type Scenario, scenariosOf } from './scenarios'
import { programFor, type StartUp } from './start-ups'

/** What each scenario came to: `path status`, and whatever else was found. */
export type Observed = Readonly<Partial<Record<Scenario, string>>>

const COUNTS = /^http_requests_total\{/
const BRIEFLY = { timeoutMs: 5000, everyMs: 2 }

/** Plays all scenarios to one application, one after the other. */
export async function observe(row: Row, startUp: StartUp, sockets: string): Promise<Observed> {
  const running = await Running.start(await programFor(row.app, startUp), sockets)
  const client = row.http2 === true ? new Http2Client(running.address) : new Http1Client(running.address)
  const observed: Partial<Record<Scenario, string>> = {}
  try {
    for (const scenario of scenariosOf(row)) observed[scenario] = await observeOne(scenario, row, client, running)
    return observed
  } finally {
    client.close()
    await running.end()
  }
}

async function observeOne(
  scenario: Scenario,
  row: Row,
  client: Http1Client | Http2Client,
  running: Running,
): Promise<string> {
  const before = await running.page()
  const remarks: string[] = []
  await play(scenario, row, client, running, async () => {
    const page = await running.page()
    if (inFlightOn(page) !== 1) remarks.push(`${inFlightOn(page)} in flight while it lasted`)
    if (seriesOf(changes(before, page, COUNTS)) !== '') remarks.push('counted before it ended')
  })
  // Counted a moment after the client has read it; a second count would come with the first.
  const page = await until(
    `a count of "${scenario}"`,
    async () => {
      const now = await running.page()
      return Object.keys(changes(before, now, COUNTS)).length > 0 ? now : undefined
    },
    BRIEFLY,
  ).catch(() => running.page())
  if (inFlightOn(page) !== 0) remarks.push(`${inFlightOn(page)} in flight afterwards`)
  return [seriesOf(changes(before, page, COUNTS)) || 'not counted', ...remarks].join(', ')
}

function inFlightOn(page: string): number {
  let open = 0
  for (const [series, value] of samplesOf(page)) if (series.startsWith('http_requests_in_flight{')) open += value
  return open
}

function seriesOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([series, count]) => {
      const [, method, path, status] = /\{method="(.*)",path="(.*)",status_code="(.*)"\}/.exec(series) ?? []
      const text = `${path} ${status}`
      return `${method === 'GET' ? '' : `${method} `}${text}${count === 1 ? '' : ` × ${count}`}`
    })
    .join(' and ')
}
