/** What took too long. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
}

/** What `promise` comes to. Rejects where that takes longer than `timeoutMs`, which are what is left of `deadlineMs`. */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, deadlineMs = timeoutMs): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const error = new TimeoutError(`the deadline of ${deadlineMs} ms passed`)
  const timer = setTimeout(() => reject(error), Math.max(0, timeoutMs))
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
