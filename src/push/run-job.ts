import { errorText } from '../model/errors'
import type { Logger } from '../model/log'

/** A service as a job needs it. */
export interface JobService {
  readonly log: Logger
  measureJob<F extends () => unknown>(name: string, fn: F): F
  flush(): Promise<void>
  shutdown(): Promise<void>
}

/** The services that were started for jobs, by how many jobs they have now. */
const jobs = new WeakMap<JobService, number>()

/**
 * Runs `fn` as a job of that name and then, however it ended, pushes once. A push that fails is told of in the log: the work
 * is done, or not, all the same. A service that was `started` for jobs is shut down with the last of them.
 */
export async function runJobWith<S extends JobService, T>(
  { service, started, name }: { readonly service: S; readonly started: boolean; readonly name: string },
  fn: (metrics: S) => T | Promise<T>,
  push: () => Promise<void>,
): Promise<T> {
  if (started) jobs.set(service, 0)
  jobAdded(service, 1)
  try {
    return await service.measureJob(name, async () => fn(service))()
  } finally {
    await push().catch((error: unknown) => {
      service.log.error(`the metrics of the job ${JSON.stringify(name)} could not be pushed: ${errorText(error)}`)
    })
    if (jobAdded(service, -1) === 0) await service.shutdown()
    else await service.flush()
  }
}

/** How many jobs a service then has; `undefined` where it was not started for them. */
function jobAdded(service: JobService, count: 1 | -1): number | undefined {
  const before = jobs.get(service)
  if (before === undefined) return undefined
  jobs.set(service, before + count)
  return before + count
}
