import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { start } from '../e2e/child'
import { queried, type Sample } from '../e2e/prometheus'
import { freePort } from '../support/free-port'

export interface VictoriaMetrics {
  readonly url: string
  /** Evaluates an expression now, over everything that it was sent. */
  query(expression: string): Promise<Sample[]>
  /** Ends it, and gives what starts it again: at the same address, with what it has stored. */
  pause(): Promise<() => Promise<void>>
  stop(): Promise<void>
}

/** A real VictoriaMetrics on a free port, with its data in a folder of its own. */
export async function startVictoriaMetrics(command: string): Promise<VictoriaMetrics> {
  const folder = mkdtempSync(join(tmpdir(), 'victoria-metrics-'))
  const run = (address: string) =>
    start(command, [
      `-httpListenAddr=${address}`,
      `-storageDataPath=${folder}`,
      '-search.latencyOffset=0s',
      '-memory.allowedBytes=64MiB',
    ])
  let child = run(`127.0.0.1:${await freePort()}`)
  const stop = async () => {
    await child.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const started = async () => (await child.printed(/started server at (http:\/\/[\d.:]+)\//))[1] ?? ''
  try {
    const url = await started()
    return {
      url,
      query: async (query) => {
        await fetch(`${url}/internal/force_flush`)
        return queried(url, { query, nocache: '1' })
      },
      pause: async () => {
        await child.stop()
        return async () => {
          child = run(new URL(url).host)
          await started()
        }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
