/** Something took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'

  constructor(timeoutMs: number) {
    super(`the deadline of ${timeoutMs} ms passed`)
  }
}

/**
 * What `work` comes to; rejects where that takes longer than `timeoutMs`, also where the event loop was blocked meanwhile
 * and no timer could tell. Waiting for it does not keep the process alive.
 */
export async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const startMs = performance.now()
  const working = work()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(timeoutMs)), timeoutMs)
    timer.unref()
  })
  try {
    const result = await Promise.race([working, deadline])
    if (performance.now() - startMs > timeoutMs) throw new DeadlineError(timeoutMs)
    return result
  } finally {
    clearTimeout(timer)
  }
}
