import type { IncomingMessage } from 'node:http'
import type { HttpOptions } from '../../model/http-options'
import { pathOfTarget } from './normalise-path'

/** Whether a request shall not be measured; `undefined` where none is left out. */
export function requestFilter(ignore: HttpOptions['ignore']): ((request: IncomingMessage) => boolean) | undefined {
  if (typeof ignore === 'function') return ignore
  if (ignore === undefined || ignore.length === 0) return undefined
  const texts = new Set(ignore.filter((entry) => typeof entry === 'string'))
  // Global and sticky expressions remember where they stopped, and would match every other request.
  const patterns = ignore
    .filter((entry) => entry instanceof RegExp)
    .map((pattern) => new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')))
  return (request) => {
    const path = pathOfTarget(request.url ?? '')
    return path !== undefined && (texts.has(path) || patterns.some((pattern) => pattern.test(path)))
  }
}
