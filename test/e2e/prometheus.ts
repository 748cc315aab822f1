import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from './child'

/** One series of an instant query's result. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Prometheus {
  readonly url: string
  /** Evaluates an expression now; an expression that selects nothing gives no samples. */
  query(expression: string): Promise<Sample[]>
  /** The exemplars of the series that an expression selects, since the epoch. */
  exemplars(expression: string): Promise<Exemplar[]>
  /** What the targets say a metric is. */
  metadata(metric: string): Promise<Metadata[]>
  stop(): Promise<void>
}

export interface Exemplar {
  readonly labels: Readonly<Record<string, string>>
  readonly value: string
  /** In seconds since the epoch. */
  readonly timestamp: number
}

export interface Metadata {
  readonly type: string
  readonly help: string
  readonly unit: string
}

interface Vector {
  readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]
}

/** A real Prometheus on a free port, with its data in a folder of its own. */
export async function startPrometheus(
  config: string,
  options: readonly string[] = [],
  command = 'prometheus',
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'))
  writeFileSync(join(folder, 'prometheus.yml'), config)
  const child = start(command, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    '--web.listen-address=127.0.0.1:0',
    ...options,
  ])
  const stop = async () => {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [, address = ''] = await child.printed(/msg="Listening on"(?: component=web)? address=(\S+)/)
    await child.printed(/Server is ready/)
    return {
      url: `http://${address}`,
      query: (query) => queried(`http://${address}`, { query }),
      exemplars: async (query) => {
        const found = await ask(`http://${address}/api/v1/query_exemplars`, { query, start: '0', end: '4000000000' })
        return (found as { exemplars: Exemplar[] }[]).flatMap(({ exemplars }) => exemplars)
      },
      metadata: async (metric) => {
        const found = (await ask(`http://${address}/api/v1/metadata`, { metric })) as Record<string, Metadata[]>
        return found[metric] ?? []
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The result of an instant query, of Prometheus or of who speaks its language. */
export async function queried(url: string, parameters: Readonly<Record<string, string>>): Promise<Sample[]> {
  const { result } = (await ask(`${url}/api/v1/query`, parameters)) as Vector
  return result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}

async function ask(url: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters)}`)
  const answer = (await response.json()) as { status: string; error?: string; data?: unknown }
  if (answer.status !== 'success') throw new Error(`Prometheus could not answer ${response.url}: ${answer.error}`)
  return answer.data
}
