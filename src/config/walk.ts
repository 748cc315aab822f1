import type { AnyOption, AnyOptions } from './option'

/** Calls `visit` for each option, those within others included, by its path: `prometheus.port`. */
export function forEachOption(table: AnyOptions, visit: (path: string, option: AnyOption) => void, prefix = ''): void {
  for (const [key, option] of Object.entries(table)) {
    visit(prefix + key, option)
    if (option.options !== undefined) forEachOption(option.options, visit, `${prefix}${key}.`)
  }
}
