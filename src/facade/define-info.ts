import type { Definition } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import { type LabelsInput, MAX_LABEL_LENGTH } from '../model/labels'
import { checkLabelNames } from '../model/names'
import { DeclaredLabels } from '../store/label-policy'
import { isTooLong } from '../store/label-values'
import { define, type NameRules } from './define'
import type { InfoOptions } from './info'

/** What the options of an info come to, checked. */
export interface InfoDefinition {
  readonly definition: Definition
  /** What it shows at first, which is no part of its definition. */
  readonly shown: LabelsInput | undefined
}

export function defineInfo(options: InfoOptions<string>, rules: NameRules): InfoDefinition {
  const definition = define('info', options, rules)
  const { name } = definition
  const labels: unknown = options.labels
  if (labels === undefined) return { definition, shown: undefined }
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw new DefinitionError(
      `Cannot create info "${name}": labels must be an object, got ${received(labels)}. Write labels: { version: '1.2.3' }.`,
    )
  }
  const shown: LabelsInput = { ...labels }
  const labelNames = Object.keys(shown)
  if (options.labelNames === undefined) {
    checkLabelNames('info', name, labelNames, rules.constantLabels, rules.utf8)
    checkValues(name, shown)
    return { definition: { ...definition, labelNames }, shown }
  }
  const undeclared = labelNames.find((label) => !options.labelNames?.includes(label))
  if (undeclared !== undefined) {
    throw new DefinitionError(
      `Cannot create info "${name}": labels must be among labelNames, got ${received(undeclared)}. Leave labelNames out, or add it there.`,
    )
  }
  checkValues(name, shown)
  return { definition, shown }
}

function checkValues(name: string, labels: LabelsInput): void {
  const policy = new DeclaredLabels(Object.keys(labels))
  for (const [label, value] of Object.entries(labels)) {
    const text = policy.normalise(value)
    if (text !== undefined && !isTooLong(text)) continue
    throw new DefinitionError(
      `Cannot create info "${name}": label "${label}" must be text, a number or a boolean, of at most ${MAX_LABEL_LENGTH} characters, got ${received(value)}. ${text === undefined ? 'Write it as text' : 'Shorten it'}.`,
    )
  }
}
