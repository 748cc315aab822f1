/**
 * Whether `name` fits `pattern`, in which `*` stands for any run of characters, none included, and `?` for one. Letters
 * are compared without case, as OpenTelemetry compares instrument names. A regular expression could take time
 * exponential in the number of stars; this takes at most the product of the two lengths.
 */
export function fitsWildcard(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase()
  const given = name.toLowerCase()
  let at = 0
  /** Where the last star is, and up to where it reaches so far. */
  let star = -1
  let reach = 0
  for (let next = 0; next < given.length; ) {
    if (wanted[at] === '*') {
      star = at++
      reach = next
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[next])) {
      at++
      next++
    } else if (star >= 0) {
      // The last star takes one character more; what came before it fits already.
      at = star + 1
      next = ++reach
    } else return false
  }
  while (wanted[at] === '*') at++
  return at === wanted.length
}
