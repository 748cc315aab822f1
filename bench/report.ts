/** One claim of a benchmark: what was measured, and by how much a limit holds. */
export interface Row {
  readonly contestant: string
  readonly measured: string
  readonly ratio: string
}

/** Prints a benchmark as a Markdown table. */
export function printTable(title: string, unit: string, rows: readonly Row[]): void {
  console.log(`\n### ${title}\n`)
  console.log(`| | ${unit} | ratio |`)
  console.log('|---|---:|---:|')
  for (const { contestant, measured, ratio } of rows) console.log(`| ${contestant} | ${measured} | ${ratio} |`)
}

/** Rows of measured costs, each with its ratio to meterkit's. */
export function rowsOf(costs: ReadonlyMap<string, number>, ours = 'meterkit'): Row[] {
  const own = costs.get(ours) ?? Number.NaN
  return [...costs].map(([contestant, cost]) => ({
    contestant,
    measured: cost < 10 ? cost.toFixed(2) : cost.toFixed(0),
    ratio: contestant === ours ? '1' : (cost / own).toFixed(cost / own < 10 ? 2 : 0),
  }))
}
