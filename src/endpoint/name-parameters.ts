import { received } from '../model/errors'

/** A query that cannot be read. The message is for who asked. */
export class QueryError extends Error {
  override readonly name = 'QueryError'
}

/** Longer queries are refused. Node.js takes 16 KiB of a request's head, unless it is told to take more. */
const MAX_QUERY_LENGTH = 32_768
/** Queries of more parameters than this are refused. */
const MAX_PARAMETERS = 1_000

/**
 * The values of the `name[]` parameters of a query, which select metrics in the libraries of Prometheus for Go and Java,
 * too; `undefined` where there are none. Other parameters are passed over. Throws a {@link QueryError} for a query that is
 * too long, or a name that is not percent-encoded UTF-8.
 */
export function namesAsked(query: string): ReadonlySet<string> | undefined {
  if (query.length > MAX_QUERY_LENGTH) {
    throw new QueryError(`Cannot read "query": it must be ${MAX_QUERY_LENGTH} characters or less, got ${query.length}.`)
  }
  const parameters = query.split('&', MAX_PARAMETERS + 1)
  if (parameters.length > MAX_PARAMETERS) {
    throw new QueryError(`Cannot read "query": it must be of ${MAX_PARAMETERS} parameters or less, got more.`)
  }
  let names: Set<string> | undefined
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (equals < 0 || decoded(parameter.slice(0, equals)) !== 'name[]') continue
    const value = parameter.slice(equals + 1)
    const name = decoded(value)
    if (name === undefined) {
      throw new QueryError(
        `Cannot read "name[]": the name must be percent-encoded UTF-8, got ${received(value)}. Write name[]=http_requests_total.`,
      )
    }
    names ??= new Set()
    names.add(name)
  }
  return names
}

/** A part of a query as forms encode it (URL Standard, section "application/x-www-form-urlencoded parsing"). */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
