import { setTimeout as delay } from 'node:timers/promises'
import { samplesOf } from '../support/page'
import { Http1Client, Http2Client } from './client'
import type { Row } from './rows'
import { Running } from './running'
import { play, type Scenario, scenariosOf } from './scenarios'
import type { Program } from './start-ups'

/** What each scenario came to: `path status`, and whatever else was found. */
export type Observed = Readonly<Partial<Record<Scenario, string>>>

/** How a library's page is read. */
export interface Reading {
  /** The series that counts requests. */
  readonly counts: RegExp
  /** The gauge of requests in flight, where the library has one. */
  readonly inFlight?: RegExp
  /** How often the page is asked for until a count is taken for one that does not come: a slow machine answers slowly, too. */
  readonly looks: number
}

export const METERKIT: Reading = {
  counts: /^http_requests_total\{/,
  inFlight: /^http_requests_in_flight\{/,
  looks: 5_000,
}

/** What libraries call the labels. */
const METHOD = ['method', 'http_request_method', 'http_method']
const PATH = ['path', 'route', 'http_route']
const STATUS = ['status_code', 'status', 'code', 'http_response_status_code', 'http_status_code']

/** Plays all scenarios to one application, one after the other. */
export async function observe(row: Row, program: Program, sockets: string, reading: Reading): Promise<Observed> {
  const running = await Running.start(program, sockets)
  const client = row.http2 === true ? new Http2Client(running.address) : new Http1Client(running.address)
  const observed: Partial<Record<Scenario, string>> = {}
  try {
    for (const scenario of scenariosOf(row)) {
      observed[scenario] = await new Observation(row, client, running, reading).of(scenario)
    }
    return observed
  } finally {
    client.close()
    await running.end()
  }
}

/** One scenario, seen through the page before, while and after it is played. */
class Observation {
  readonly #remarks: string[] = []

  constructor(
    private readonly row: Row,
    private readonly client: Http1Client | Http2Client,
    private readonly running: Running,
    private readonly reading: Reading,
  ) {}

  async of(scenario: Scenario): Promise<string> {
    const before = await this.running.page()
    await play(scenario, this.row, this.client, this.running, () => this.#midway(before))
    const after = await this.#after(before)
    this.#checkInFlight(after, 0, 'afterwards')
    return [this.#seriesOf(before, after) || 'not counted', ...this.#remarks].join(', ')
  }

  async #midway(before: string): Promise<void> {
    const page = await this.running.page()
    this.#checkInFlight(page, 1, 'while it lasted')
    if (this.#seriesOf(before, page) !== '') this.#remarks.push('counted before it ended')
  }

  /** Counted a moment after the client has read the answer; a second count would come with the first. */
  async #after(before: string): Promise<string> {
    let page = before
    for (let look = 0; look < this.reading.looks && this.#seriesOf(before, page) === ''; look++) {
      if (look > 0) await delay(2)
      page = await this.running.page()
    }
    return page
  }

  #checkInFlight(page: string, wanted: number, when: string): void {
    const { inFlight } = this.reading
    if (inFlight === undefined) return
    let open = 0
    for (const [series, value] of samplesOf(page)) if (inFlight.test(series)) open += value
    if (open !== wanted) this.#remarks.push(`${open} in flight ${when}`)
  }

  /** What was counted between two pages. */
  #seriesOf(before: string, after: string): string {
    const old = samplesOf(before)
    const texts: string[] = []
    for (const [series, value] of samplesOf(after)) {
      const count = value - (old.get(series) ?? 0)
      if (count === 0 || !this.reading.counts.test(series)) continue
      const method = labelOf(series, METHOD)
      const text = `${labelOf(series, PATH) || '(none)'} ${labelOf(series, STATUS)}`
      texts.push(`${method === 'GET' ? '' : `${method} `}${text}${count === 1 ? '' : ` × ${count}`}`)
    }
    return texts.join(' and ')
  }
}

function labelOf(series: string, names: readonly string[]): string {
  const [, value = ''] = new RegExp(`[{,](?:${names.join('|')})="([^"]*)"`).exec(series) ?? []
  return value
}
