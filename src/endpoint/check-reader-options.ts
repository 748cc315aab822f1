import { DefinitionError, received } from '../model/errors'
import { checkLabelNames } from '../model/names'
import { keepsUtf8, TRANSLATION_STRATEGIES, type TranslationStrategy } from '../model/translation'

/** The most that a timer of Node.js takes, in milliseconds; it makes 1 of what is more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/** Throws where a reader cannot have these options. */
export function checkReaderOptions(
  timeoutMs: number,
  translationStrategy: TranslationStrategy,
  constantLabels: ReadonlyMap<string, string> = new Map(),
): void {
  const cannot = 'Cannot make "ExpositionReader":'
  if (!(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new DefinitionError(
      `${cannot} timeoutMs must be a number above 0 and up to ${MAX_TIMEOUT_MS}, got ${received(timeoutMs)}. Leave it out for the default.`,
    )
  }
  if (!TRANSLATION_STRATEGIES.includes(translationStrategy)) {
    throw new DefinitionError(
      `${cannot} translationStrategy must be one of ${TRANSLATION_STRATEGIES.join(', ')}, got ${received(translationStrategy)}. Leave it out for the default.`,
    )
  }
  checkLabelNames('reader', 'ExpositionReader', [...constantLabels.keys()], ['le'], keepsUtf8(translationStrategy))
}
