/** Signals by which a supervisor ends a process. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** How long an ending process waits for the last flush, in milliseconds. */
const LAST_FLUSH_MS = 5_000

/**
 * Has `flush` run when the process is about to end, and then end as it would have without it: when nothing is left to do,
 * by a signal that nobody else listens to, or by an error that nobody caught. Where others listen to these, they decide how
 * it ends, and the flush runs beside them. Returns what takes it back.
 */
export function flushAtEnd(flush: () => Promise<void>): () => void {
  const flushed = () => within(flush())
  const onIdle = () => void flushed()
  const onSignal = (signal: NodeJS.Signals) => {
    const isAlone = process.listenerCount(signal) === 1
    const done = flushed()
    if (!isAlone) return
    void done.then(() => {
      stop()
      process.kill(process.pid, signal)
    })
  }
  const onError = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => {
    const isAlone = process.listenerCount('uncaughtException') === 1
    const done = flushed()
    if (!isAlone) return
    void done.then(() => {
      stop()
      if (origin === 'unhandledRejection') void Promise.reject(error)
      else
        setImmediate(() => {
          throw error
        })
    })
  }
  const stop = () => {
    process.off('beforeExit', onIdle)
    process.off('uncaughtException', onError)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  // Whatever the last flush does, it does once: what it started may bring the process back here.
  process.once('beforeExit', onIdle)
  process.on('uncaughtException', onError)
  for (const signal of SIGNALS) process.on(signal, onSignal)
  return stop
}

/** Resolves with the promise, however it ends, or when a process has waited long enough. */
function within(done: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LAST_FLUSH_MS)
    done
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer)
        resolve()
      })
  })
}
