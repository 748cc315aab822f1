import { readFileSync } from 'node:fs'
import type { MetricsService } from '../../../src/init'

/** The whole page of a service but the description of the service itself, which names versions. */
export async function pageWithoutTarget(metrics: MetricsService): Promise<string> {
  const { body } = await metrics.render()
  return body.replace(/^(?:# (?:HELP|TYPE) )?target_info\b.*\n/gm, '')
}

/** A page as it stands in a file. */
export function expectedPage(path: string): string {
  return readFileSync(path, 'utf8')
}
