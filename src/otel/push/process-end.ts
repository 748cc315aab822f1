import { LAST_FLUSH_MS } from './last-flush'

/** Signals by which a supervisor ends a process. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/** What is to be flushed: of all services of the process, which has one listener for them, so that it knows of its own. */
const flushes = new Set<() => Promise<void>>()

/**
 * Has `flush` run when the process is about to end, and then end as it would have without it: when nothing is left to do,
 * by a signal that nobody else listens to, or by an error that nobody caught. Where others listen to these, they decide how
 * it ends, and the flush runs beside them. Returns what takes it back.
 */
export function flushAtEnd(flush: () => Promise<void>): () => void {
  if (flushes.size === 0) listen()
  flushes.add(flush)
  return () => {
    if (flushes.delete(flush) && flushes.size === 0) stopListening()
  }
}

function listen(): void {
  // Whatever the last flush does, it does once: what it started may bring the process back here.
  process.once('beforeExit', onIdle)
  // Before all others: one that listens once is no longer there when it has been called.
  process.prependListener('uncaughtException', onError)
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)
}

function stopListening(): void {
  process.off('beforeExit', onIdle)
  process.off('uncaughtException', onError)
  for (const signal of SIGNALS) process.off(signal, onSignal)
}

function onIdle(): void {
  void flushed()
}

function onSignal(signal: NodeJS.Signals): void {
  const isAlone = process.listenerCount(signal) === 1
  const done = flushed()
  if (!isAlone) return
  void done.then(() => {
    stopListening()
    process.kill(process.pid, signal)
  })
}

function onError(error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void {
  const isAlone = process.listenerCount('uncaughtException') === 1
  const done = flushed()
  if (!isAlone) return
  void done.then(() => {
    stopListening()
    // These were told of it when it was thrown first.
    process.removeAllListeners('uncaughtExceptionMonitor')
    if (origin === 'unhandledRejection') void Promise.reject(error)
    else
      setImmediate(() => {
        throw error
      })
  })
}

/** Resolves when all has been flushed, however that ended, or when the process has waited long enough. */
function flushed(): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, LAST_FLUSH_MS)
    void Promise.allSettled([...flushes].map((flush) => flush())).then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
