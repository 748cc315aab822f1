/** An instrument, view or option that cannot be made as it was written. The message ends with the mend. */
export class DefinitionError extends Error {
  override readonly name: string = 'DefinitionError'
}

/** A name that is already taken by another definition. Carries both definitions. */
export class DefinitionConflictError extends DefinitionError {
  override readonly name = 'DefinitionConflictError'

  constructor(
    message: string,
    /** The definition that holds the name, as text. */
    readonly existing: string,
    /** The definition that was refused, as text. */
    readonly requested: string,
  ) {
    super(message)
  }
}

/** The part of an error text that shows what was received: short, quoted, and safe for any value. */
export function received(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'object' && value !== null) return listText(value) ?? 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value)
}

/** A name as an error text begins with it: in quotes, whatever it is. */
export function quoted(name: unknown): string {
  return typeof name === 'string' ? received(name) : `"${received(name)}"`
}

/** A list's elements; `undefined` for what is no list, or cannot be read: a proxy may be revoked. */
function listText(value: object): string | undefined {
  try {
    if (!Array.isArray(value)) return undefined
    // An array inside may be the array itself.
    const parts = value.slice(0, 20).map((part) => (Array.isArray(part) ? 'an array' : received(part)))
    return `[${parts.join(', ')}${value.length > 20 ? ', …' : ''}]`
  } catch {
    return undefined
  }
}

/** The text of anything that was thrown. Never throws itself. */
export function errorText(error: unknown): string {
  try {
    if (error instanceof Error) return error.message === '' ? error.name : String(error.message)
    return received(error)
  } catch {
    return 'an error that cannot be read'
  }
}

/** What was thrown, as an `Error`. Never throws itself. */
export function errorOf(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) return thrown
  } catch {
    // A revoked proxy cannot even be asked what it is.
  }
  return new Error(errorText(thrown))
}
