import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../e2e/child'
import { queried, type Sample } from '../e2e/prometheus'

export interface VictoriaMetrics {
  readonly url: string
  /** Evaluates an expression now, over everything that it was sent. */
  query(expression: string): Promise<Sample[]>
  stop(): Promise<void>
}

/** A real VictoriaMetrics on a free port, with its data in a folder of its own. */
export async function startVictoriaMetrics(command: string): Promise<VictoriaMetrics> {
  const folder = mkdtempSync(join(tmpdir(), 'victoria-metrics-'))
  const child = start(command, [
    '-httpListenAddr=127.0.0.1:0',
    `-storageDataPath=${folder}`,
    '-search.latencyOffset=0s',
    '-memory.allowedBytes=64MiB',
  ])
  const stop = async () => {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const [, url = ''] = await child.printed(/started server at (http:\/\/[\d.:]+)\//)
    return {
      url,
      query: async (query) => {
        await fetch(`${url}/internal/force_flush`)
        return queried(url, { query, nocache: '1' })
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
