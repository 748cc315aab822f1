import { DefinitionError } from './errors'

/**
 * A package that only those need who ask for what it does. Throws where it is not installed, saying how to have it; `cannot`
 * begins the message.
 */
export function optionalPackage<T>(cannot: string, name: string): T {
  try {
    return require(name) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error
    throw new DefinitionError(`${cannot} the package ${name} must be installed, got none. Run npm install ${name}.`)
  }
}
