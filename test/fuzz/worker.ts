import { findPython, PeerParser } from '../support/peer-parser'
import { check, shrunk } from './check'
import { planOf } from './plan'

/** The part of a fuzz that one process does. */
export interface Share {
  readonly first: number
  readonly count: number
}

/** What it comes to. */
export interface Outcome {
  readonly checked: number
  readonly failure?: { readonly seed: number; readonly message: string; readonly plan: string }
}

/** Plans that are on their way at once, so that neither this process nor the parser's waits for the other. */
const AT_ONCE = 16

async function fuzz({ first, count }: Share): Promise<Outcome> {
  const python = findPython()
  if (python === undefined) throw new Error('There is no parser: apt-get install python3-prometheus-client')
  const parser = new PeerParser(python)
  let next = first
  let failed: number | undefined
  const work = async () => {
    while (next < first + count && failed === undefined) {
      const seed = next++
      await check(planOf(seed), parser).catch(() => {
        failed ??= seed
      })
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (failed === undefined) return { checked: count }
    const plan = await shrunk(planOf(failed), parser)
    const message = await check(plan, parser).then(
      () => 'it passed when it was tried again',
      (error: Error) => error.message,
    )
    return { checked: next - first, failure: { seed: failed, message, plan: JSON.stringify(plan) } }
  } finally {
    await parser.stop()
  }
}

process.on('message', (share: Share) => {
  fuzz(share).then(
    (outcome) => process.send?.(outcome, () => process.disconnect()),
    (error: Error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
})
