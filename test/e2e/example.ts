import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { start } from './child'

const PROJECT = resolve(__dirname, '../..')

/** What Node.js is to run for the example. */
export const EXAMPLE = ['-r', 'ts-node/register/transpile-only', resolve(PROJECT, 'examples/orders/main.ts')]

export interface Example {
  readonly url: string
  readonly metricsUrl: string
  output(): string
  stop(): Promise<number | null>
}

/**
 * The orders example as `npm start` runs it, on free ports; busier, and with payments that break down sooner, unless
 * `settings` say otherwise.
 */
export async function startExample(settings: Readonly<Record<string, string>> = {}): Promise<Example> {
  if (!existsSync(resolve(PROJECT, 'dist/index.js'))) {
    throw new Error('Cannot start the example: it imports the built package. Run "npm run build" first.')
  }
  const child = start(process.execPath, EXAMPLE, {
    PORT: '0',
    METRICS_PORT: '0',
    REQUESTS_PER_SECOND: '60',
    CYCLE_SECONDS: '8',
    ...settings,
  })
  try {
    const [, url = ''] = await child.printed(/shop is open: +(http:\S+)\/health/)
    const [, metricsUrl = ''] = await child.printed(/metrics are at (http:\S+)/)
    return { url, metricsUrl, output: () => child.output(), stop: () => child.stop() }
  } catch (error) {
    await child.stop()
    throw error
  }
}
