import { DefinitionError, received } from '../model/errors'
import type { HttpLabels, HttpOptions } from '../model/http-options'
import { masked } from '../model/masked'
import { mend } from '../model/mend'
import { checkLabelNames } from '../model/names'
import { nearest } from '../model/nearest'
import { checkEndpoints } from '../model/selection'
import { DEFAULT_TRANSLATION, keepsUtf8 } from '../model/translation'
import { isObject } from './kind'
import { isHostAndPort } from './kind-request'
import type { AnyOption, AnyOptions } from './option'
import type { MetricsOptions } from './options'
import { TABLE } from './table'

/** The labels that the HTTP metrics have already. */
const HTTP_LABEL_NAMES = ['method', 'path', 'status_code', 'le']

/**
 * Throws for the first option that is unknown or has a value it cannot have. `undefined` counts as left out. `where` says in
 * the message where the options are, if not in the code.
 */
export function checkOptions(options: MetricsOptions, where = ''): void {
  checkAgainst('', options, TABLE, where)
  const { endpoints } = options.prometheus ?? {}
  if (endpoints !== undefined) checkEndpoints('Cannot start "metrics":', 'prometheus.endpoints', endpoints)
  const constantLabels = Object.keys(options.constantLabels ?? {})
  const utf8 = keepsUtf8(options.prometheus?.translationStrategy ?? DEFAULT_TRANSLATION)
  checkLabelNames('service', options.serviceName ?? 'metrics', constantLabels, ['le'], utf8)
  if (typeof options.http === 'object') checkHttpLabels(options.http, constantLabels, utf8)
}

/** Throws as {@link checkOptions} does, and where options do not go together: for those that no other source adds to. */
export function checkAllOptions(options: MetricsOptions): void {
  checkOptions(options)
  for (const { endpoint = '', protocol } of [options.otlp ?? []].flat()) {
    if (protocol === 'grpc' || !isHostAndPort(endpoint)) continue
    throw new DefinitionError(
      `Cannot start "metrics": otlp.endpoint must be an http or https URL where otlp.protocol is not grpc, got ${received(endpoint)}. Write ${received(`http://${endpoint}/v1/metrics`)}.`,
    )
  }
}

function checkHttpLabels({ labels }: HttpOptions, constantLabels: readonly string[], utf8: boolean): void {
  if (labels === undefined) return
  const rows = TABLE.http.options?.labels.options
  for (const key of ['names', 'of'] satisfies (keyof HttpLabels)[]) {
    if (labels[key] !== undefined) continue
    throw new DefinitionError(
      `Cannot start "metrics": http.labels.${key} must be ${rows?.[key].kind.wanted}, got undefined. Write http: { labels: { names: ['tenant'], of: (request) => ({ tenant: … }) } }.`,
    )
  }
  checkLabelNames('http labels', 'http', labels.names, [...HTTP_LABEL_NAMES, ...constantLabels], utf8)
}

function checkAgainst(prefix: string, options: object, rows: AnyOptions, where: string): void {
  if (!isObject(options)) {
    throw new DefinitionError(
      `Cannot start "metrics": options${where} must be an object, got ${received(options)}. Write initMetrics({ serviceName: 'orders' }).`,
    )
  }
  for (const [key, value] of Object.entries(options)) {
    const path = prefix + key
    const row = Object.hasOwn(rows, key) ? rows[key] : undefined
    if (row === undefined) {
      const known = Object.keys(rows)
      const meant = nearest(key, known)
      throw new DefinitionError(
        `Cannot start "metrics": an option${where} must be one of ${known.map((name) => prefix + name).join(', ')}, got ${received(path)}. ${meant === undefined ? 'Remove it or correct its name.' : `Write ${received(prefix + meant)}.`}`,
      )
    }
    if (value !== undefined) checkValue(path, value, row, where)
  }
}

function checkValue(path: string, value: unknown, { kind, options, isSecret }: AnyOption, where: string): void {
  if (!kind.holds(value)) {
    const shown = (what: unknown) =>
      isSecret === true ? 'something else' : received(typeof what === 'string' ? masked(what) : what)
    const { entry } = kind
    const wrong =
      entry && isObject(value) ? Object.entries(value).find(([name, each]) => !entry.holds(each, name)) : undefined
    if (entry !== undefined && wrong !== undefined) {
      const [name, each] = wrong
      throw new DefinitionError(
        `Cannot start "metrics": ${path}[${received(name)}]${where} must be ${entry.wanted}, got ${shown(each)}. Write it as text, or leave it out.`,
      )
    }
    throw new DefinitionError(
      `Cannot start "metrics": ${path}${where} must be ${kind.wanted}, got ${shown(value)}. ${mend(value, kind.choices) ?? 'Leave it out for the default.'}`,
    )
  }
  if (options === undefined) return
  for (const each of Array.isArray(value) ? value : [value]) {
    if (isObject(each)) checkAgainst(`${path}.`, each, options, where)
  }
}
