import type { AnyOption, AnyOptions } from './option'
import { TABLE } from './table'

/** The JSON Schema of what a configuration file has at `distribution.meterkit`: every option but those that only code can give. */
export function fileSchema(): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: "meterkit's own part of an OpenTelemetry configuration file: distribution.meterkit",
    ...objectSchema(TABLE),
  }
}

function objectSchema(rows: AnyOptions): object {
  const properties = Object.entries(rows).flatMap(([key, row]) => {
    const schema = schemaOf(row)
    return schema === undefined ? [] : [[key, schema] as const]
  })
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

function schemaOf({ kind, options, default: fallback }: AnyOption): object | undefined {
  if (typeof kind.schema === 'function') return kind.schema(objectSchema(options ?? {}))
  return kind.schema && { ...kind.schema, ...(fallback !== undefined && { default: fallback }) }
}
