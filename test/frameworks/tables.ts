import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Observed } from './observe'
import { CASES, type Case, faultOf } from './peers'
import type { Note, Row } from './rows'
import { NOTES, ROWS } from './rows'
import { expected, SCENARIOS, type Scenario, scenariosOf } from './scenarios'
import { START_UPS, type StartUp } from './start-ups'

const PAGE = join(__dirname, '../../docs/HTTP.md')
const SUPERSCRIPTS: Readonly<Record<Note, string>> = { 1: '¹', 2: '²', 3: '³' }

/** The series of each framework, and in which start-ups they are the same. */
export function measuredTables(observed: (row: Row, startUp: StartUp) => Observed): string {
  const scenarios = Object.keys(SCENARIOS) as Scenario[]
  const startUps = Object.keys(START_UPS) as StartUp[]
  const series = ROWS.map((row) => {
    const found = observed(row, 'esm')
    return [row.name, ...scenarios.map((scenario) => missing(row.without?.[scenario]) ?? code(found[scenario]))]
  })
  const starts = ROWS.map((row) => [
    row.name,
    ...startUps.map((startUp) => missing(row.without?.[startUp]) ?? agreement(row, startUp, observed(row, startUp))),
  ])
  return [
    ...table(['', ...scenarios.map((scenario) => SCENARIOS[scenario])], series),
    '',
    ...table(['', ...startUps.map((startUp) => START_UPS[startUp])], starts),
    '',
    ...Object.entries(NOTES).map(([note, text]) => `${SUPERSCRIPTS[Number(note) as Note]} ${text}<br>`),
  ].join('\n')
}

function agreement(row: Row, startUp: StartUp, found: Observed): string {
  const scenarios = scenariosOf(row)
  const right = scenarios.filter((scenario) => found[scenario] === expected(scenario, row))
  const note = startUp === 'bundle' && row.unannounced !== undefined ? SUPERSCRIPTS[3] : ''
  return `${right.length} of ${scenarios.length}${note}`
}

function missing(note: Note | undefined): string | undefined {
  return note === undefined ? undefined : `–${SUPERSCRIPTS[note]}`
}

/** What each library makes of the same requests. */
export function peerTable(observed: (one: Case) => Observed): string {
  const scenarios = Object.keys(SCENARIOS) as Scenario[]
  const rows = CASES.map((one) => {
    const found = observed(one)
    const cells = scenarios.map(
      (scenario) => missing(one.row.without?.[scenario]) ?? faultOf(scenario, one.row, found[scenario]) ?? 'right',
    )
    return [one.library, one.row.name, ...cells]
  })
  return table(['library', 'on', ...scenarios.map((scenario) => SCENARIOS[scenario])], rows).join('\n')
}

/** A path as code, and what was found with it. */
function code(found = ''): string {
  const [, path, rest] = /^(\S+) (.*)$/.exec(found) ?? []
  return path === undefined ? found : `\`${path}\` ${rest}`
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
}

/** The part of docs/HTTP.md between the marks of this name. */
export function committed(name: string): string {
  const page = readFileSync(PAGE, 'utf8')
  const { from, to } = bounds(page, name)
  return page.slice(from, to)
}

export function commit(name: string, text: string): void {
  const page = readFileSync(PAGE, 'utf8')
  const { from, to } = bounds(page, name)
  writeFileSync(PAGE, page.slice(0, from) + text + page.slice(to))
}

function bounds(page: string, name: string): { readonly from: number; readonly to: number } {
  const begin = `<!-- ${name}, made by \`WRITE=1 npm run test:frameworks\`: begin -->\n\n`
  const from = page.indexOf(begin) + begin.length
  const to = page.indexOf(`\n\n<!-- ${name}: end -->`)
  if (from < begin.length || to < from) throw new Error(`docs/HTTP.md has no marks for "${name}"`)
  return { from, to }
}
