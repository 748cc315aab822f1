import { DefinitionError, received } from '../../model/errors'

/** Throws where a name that something shall be measured under is none. `example` is the mend. */
export function checkName(what: string, name: unknown, example: string): void {
  if (typeof name === 'string' && name !== '' && name.isWellFormed()) return
  throw new DefinitionError(
    `Cannot measure ${what} ${received(name)}: its name must be well-formed text that is not empty, got ${received(name)}. Write ${example}.`,
  )
}

/** Throws where what shall be measured under a name is no function. `example` is the mend. */
export function checkFunction(what: string, name: string, fn: unknown, example: string): void {
  if (typeof fn === 'function') return
  throw new DefinitionError(
    `Cannot measure ${what} ${received(name)}: it must be a function, got ${received(fn)}. Write ${example}.`,
  )
}
