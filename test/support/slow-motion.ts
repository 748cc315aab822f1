/** Has every look at the time take a millisecond, and the application have `others` called in each of its turns. */
export async function inSlowMotion(work: () => Promise<unknown>, others: () => void): Promise<void> {
  const { now } = performance
  let nowMs = now.call(performance)
  performance.now = () => nowMs++
  let next = setImmediate(function again() {
    others()
    next = setImmediate(again)
  })
  try {
    await work()
  } finally {
    performance.now = now
    clearImmediate(next)
  }
}
