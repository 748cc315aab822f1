import { type Escaping, escapedLabel, escapedName, isPlainLabel } from '../model/escaping'
import { type TranslationStrategy, translatedLabel, translatedName } from '../model/translation'
import type { Stream, StreamIdentity } from '../store/stream'

/** What metrics and labels are called on a page: OpenTelemetry's names translated, and all of them escaped. */
export class Naming {
  constructor(
    readonly strategy: TranslationStrategy,
    readonly escaping: Escaping,
  ) {}

  /** The name of a stream's family, a counter's `_total` included. */
  family({ identity: { naming, name, unit }, shape }: Stream): string {
    return escapedName(naming === 'prometheus' ? name : translatedName(name, unit, shape, this.strategy), this.escaping)
  }

  label(name: string, naming: StreamIdentity['naming']): string {
    // A declared label stands as it is; what a view made of it may be anything.
    const isDeclared = naming === 'prometheus' && isPlainLabel(name)
    return isDeclared ? name : escapedLabel(translatedLabel(name, this.strategy), this.escaping)
  }

  /**
   * Labels by what they are called, in the order given. The values of those that come to one name are joined
   * (compatibility specification, "Metric Attributes").
   */
  labels(
    given: Iterable<readonly [name: string, value: string]>,
    naming: StreamIdentity['naming'],
  ): Map<string, string> {
    const labels = new Map<string, string>()
    for (const [name, value] of given) {
      const label = this.label(name, naming)
      const before = labels.get(label)
      labels.set(label, before === undefined ? value : `${before};${value}`)
    }
    return labels
  }
}
