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
  if (Array.isArray(value)) return `[${value.slice(0, 20).map(received).join(', ')}${value.length > 20 ? ', …' : ''}]`
  if (typeof value === 'object' && value !== null) return 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value)
}

/** The text of anything that was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message
  return received(error)
}
