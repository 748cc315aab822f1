/**
 * Of `known`, the one that `given` is most likely a slip of; `undefined` where none is near. Default of `maxSlips`: one in
 * three letters.
 */
export function nearest(
  given: string,
  known: readonly string[],
  maxSlips = Math.max(1, Math.floor(Math.min(given.length, LONGEST) / 3)),
): string | undefined {
  const wanted = given.toLowerCase()
  let best: string | undefined
  let bestSlips = maxSlips + 1
  for (const candidate of known) {
    const slips = slipsBetween(wanted, candidate.toLowerCase(), bestSlips)
    if (slips < bestSlips) {
      best = candidate
      bestSlips = slips
    }
  }
  return best
}

/** No name is longer, so that looking for it takes no time to speak of. */
const LONGEST = 80

/** Letters to add, take away, change or swap with their neighbour (Damerau and Levenshtein), `limit` at most. */
function slipsBetween(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > LONGEST) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      let slips = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + change)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        slips = Math.min(slips, (beforeLast[j - 2] as number) + 1)
      }
      row.push(slips)
    }
    beforeLast = last
    last = row
  }
  return Math.min(limit, last[b.length] as number)
}
