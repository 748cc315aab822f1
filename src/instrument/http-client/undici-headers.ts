/** The value of a header in a list of names and values in turn, by its name in small letters; `''` where there is none. */
export function headerOf(headers: readonly unknown[], wanted: string): string {
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]
    if (typeof name !== 'string' || name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    const value = headers[at + 1]
    return typeof value === 'string' ? value : ''
  }
  return ''
}
