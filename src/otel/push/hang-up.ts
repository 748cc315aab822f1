/**
 * Calls `reload` at each SIGHUP, which then no longer ends the process: what a daemon that has a file is told by it. Returns
 * what takes it back.
 */
export function onHangUp(reload: () => void): { stop(): void } {
  process.on('SIGHUP', reload)
  return { stop: () => void process.off('SIGHUP', reload) }
}
