import type { Definition } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import { checkLabelNames } from '../model/names'
import { define, type NameRules } from './define'
import type { InfoOptions } from './info'

/** What the options of an info come to, checked. What it shows at first is no part of its definition. */
export function defineInfo(options: InfoOptions<string>, rules: NameRules): Definition {
  const definition = define('info', options, rules)
  const { name } = definition
  const labels: unknown = options.labels
  if (labels === undefined) return definition
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw new DefinitionError(
      `Cannot create info "${name}": labels must be an object, got ${received(labels)}. Write labels: { version: '1.2.3' }.`,
    )
  }
  const labelNames = Object.keys(labels)
  if (options.labelNames === undefined) {
    checkLabelNames('info', name, labelNames, rules.constantLabels, rules.utf8)
    return { ...definition, labelNames }
  }
  const undeclared = labelNames.find((label) => !options.labelNames?.includes(label))
  if (undeclared !== undefined) {
    throw new DefinitionError(
      `Cannot create info "${name}": labels must be among labelNames, got ${received(undeclared)}. Leave labelNames out, or add it there.`,
    )
  }
  return definition
}
