import type { Definition } from '../model/definition'
import { DefinitionError, received } from '../model/errors'
import { checkLabelNames } from '../model/names'
import { define, type NameRules } from './define'
import type { StateSetOptions } from './state-set'

/** What the options of a state set come to, checked. */
export function defineStateSet(options: StateSetOptions<string, string>, rules: NameRules): Definition {
  const definition = define('stateSet', options, rules)
  const { name, labelNames = [] } = definition
  checkLabelNames('stateSet', name, [name], rules.constantLabels, rules.utf8)
  // Last, so that the states of one set of labels stand together on a page.
  return { ...definition, labelNames: [...labelNames, name], states: checkedStates(name, options.states) }
}

function checkedStates(name: string, states: unknown): readonly string[] {
  const cannot = `Cannot create stateSet "${name}":`
  if (!Array.isArray(states) || states.length === 0) {
    throw new DefinitionError(
      `${cannot} states must be an array of one or more names, got ${received(states)}. Write states: ['closed', 'open'].`,
    )
  }
  states.forEach((state: unknown, index) => {
    if (typeof state !== 'string' || state === '' || !state.isWellFormed()) {
      throw new DefinitionError(
        `${cannot} a state must be well-formed text that is not empty, got ${received(state)}. Name it in a word.`,
      )
    }
    if (states.indexOf(state) < index) {
      throw new DefinitionError(`${cannot} states must be distinct, got ${received(state)} twice. Write it once.`)
    }
  })
  return [...states]
}
