/** From this length on a text may be a slice of another one, or a rope (V8's `SlicedString` and `ConsString`). */
const MIN_SLICE_LENGTH = 13

/** Whether a text is sure to hold nothing but its own characters in memory. */
export function isDetached(text: string): boolean {
  return text.length < MIN_SLICE_LENGTH
}

/**
 * The same text, holding nothing else in memory: a slice of a request's body would hold the whole body for as long as
 * the slice is kept. As the name of a property a text is the engine's one copy of it, which for a literal is the literal.
 */
export function detached(text: string): string {
  if (isDetached(text)) return text
  const [name = text] = Object.keys({ [text]: undefined })
  return name
}
