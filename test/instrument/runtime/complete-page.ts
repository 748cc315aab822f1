import { lookup } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { MetricsService } from '../../../src/init'
import { until } from '../../support/until'

/**
 * A page with every metric of the runtime. A metric by type has no series where nothing of the kind is open: standard
 * output is a handle where it is a pipe or a terminal, and none where it is a file.
 */
export async function completePage(metrics: MetricsService): Promise<string> {
  const handle = createServer().listen(0, '127.0.0.1')
  await once(handle, 'listening')
  try {
    return await until('event-loop delay', async () => {
      // A name that is being looked up is a request under way.
      lookup('localhost', () => {})
      const { body } = await metrics.render()
      return body.includes('\nnodejs_eventloop_lag_p99_seconds ') ? body : undefined
    })
  } finally {
    handle.close()
  }
}
