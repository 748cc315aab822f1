import type { Client } from './client'
import type { Row } from './rows'

/** What happens to one request; each happens once. */
export type Scenario = 'nested' | 'notFound' | 'notFoundInRouter' | 'error' | 'abort' | 'stream' | 'upgrade'

export const SCENARIOS: Readonly<Record<Scenario, string>> = {
  nested: 'nested route',
  notFound: '404',
  notFoundInRouter: '404 under a router',
  error: 'thrown error',
  abort: 'abort',
  stream: 'stream',
  upgrade: 'upgrade',
}

/** The application's side of a scenario. */
export interface Application {
  /** How many requests have arrived. */
  arrived(): Promise<number>
  endStreams(): Promise<void>
}

/** What is looked at while the scenario's request is still open. */
export type Midway = () => Promise<void>

/** Sends the request of a scenario and has it end. */
export async function play(
  scenario: Scenario,
  { base }: Row,
  client: Client,
  application: Application,
  midway: Midway,
): Promise<void> {
  const status = await PLAYS[scenario](base, client, application, midway)
  if (status !== STATUS[scenario]) throw new Error(`${scenario} was answered with ${status}`)
}

/** The status code that the client sees; none where it leaves. */
const STATUS: Readonly<Record<Scenario, number | undefined>> = {
  nested: 200,
  notFound: 404,
  notFoundInRouter: 404,
  error: 500,
  abort: undefined,
  stream: 200,
  upgrade: 101,
}

type Play = (base: string, client: Client, application: Application, midway: Midway) => Promise<number | undefined>

const PLAYS: Readonly<Record<Scenario, Play>> = {
  nested: (base, client) => client.get(`${base}/users/42`),
  notFound: (_base, client) => client.get('/nowhere'),
  notFoundInRouter: (base, client) => client.get(`${base}/nowhere`),
  error: (base, client) => client.get(`${base}/boom`),
  async abort(base, client, application, midway) {
    const before = await application.arrived()
    const leave = client.send(`${base}/slow`)
    while ((await application.arrived()) === before);
    await midway()
    leave()
    return undefined
  },
  async stream(base, client, application, midway) {
    const { status, ended } = await client.stream(`${base}/stream`)
    await midway()
    await application.endStreams()
    await ended
    return status
  },
  upgrade: (base, client) => client.upgrade(`${base}/socket`),
}

/** The one series that a scenario comes to, as `path status`. */
export function expected(scenario: Scenario, { paths }: Pick<Row, 'paths'>): string {
  if (scenario === 'notFound' || scenario === 'notFoundInRouter') return '(unmatched) 404'
  return `${paths[scenario]} ${scenario === 'abort' ? 499 : STATUS[scenario]}`
}

/** The scenarios that a framework can be played. */
export function scenariosOf({ without }: Row): readonly Scenario[] {
  return (Object.keys(SCENARIOS) as Scenario[]).filter((scenario) => without?.[scenario] === undefined)
}
