const PEERS = ['@prometheus-io/client', 'prom-client', 'stock OpenTelemetry'] as const

/** The tables of the benchmarks as one: what each peer costs for what meterkit costs, and how all of them behave. */
export function summaryOf(tables: string): string {
  const sections = tables.split(/^### /m).slice(1)
  const rows = sections.flatMap((section) => {
    const [title = ''] = section.split('\n', 1)
    const ratios = PEERS.map((peer) => ratioOf(section, peer))
    return ratios.every((ratio) => ratio === undefined) ? [] : [`| ${title} | ${ratios.map(cell).join(' | ')} |`]
  })
  const behaviour = sections.find((section) => section.startsWith('Behaviour')) ?? ''
  return [
    `| cost, in meterkit's | ${PEERS.join(' | ')} |`,
    '|---|---:|---:|---:|',
    ...rows,
    '',
    ...behaviour.split('\n').filter((line) => line.startsWith('|')),
  ].join('\n')
}

function ratioOf(section: string, peer: string): string | undefined {
  for (const line of section.split('\n')) {
    const [, name, , ratio] = line.split('|').map((text) => text.trim())
    if (name?.startsWith(peer) && Number(ratio) > 0) return ratio
  }
  return undefined
}

const cell = (ratio: string | undefined): string => (ratio === undefined ? '' : `${ratio} ×`)
