/** What stands where something secret was. */
export const MASK = '****'

/** A URL without what may let somebody in, the user and the password before its host; any other text as it is. */
export function masked(text: string): string {
  // Of what is no URL, nobody knows where the password ends.
  const secret = URL.canParse(text) ? /^([a-z][a-z\d+.-]*:\/*)[^/?#]*@/i : /^([a-z][a-z\d+.-]*:\/*).*@/is
  return text.replace(secret, `$1${MASK}@`)
}
