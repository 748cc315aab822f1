/** What a test sends in batches, and what came of it. */
export class Sends {
  readonly #batch: number
  sent = 0
  refused = 0
  readonly #reasons = new Map<string, number>()

  constructor(batch: number) {
    this.#batch = batch
  }

  /** Sends a batch. True if it was taken, so that it can be tried again until it is. */
  async send(send: () => Promise<unknown>): Promise<true | undefined> {
    try {
      await send()
      this.sent += this.#batch
      return true
    } catch (error) {
      this.refused += this.#batch
      const { name } = (error as Error).constructor
      this.#reasons.set(name, (this.#reasons.get(name) ?? 0) + this.#batch)
      return undefined
    }
  }

  /** What could not be sent, by the series that counts it. */
  failures(seriesOf: (reason: string) => string): Record<string, number> {
    return Object.fromEntries([...this.#reasons].map(([reason, messages]) => [seriesOf(reason), messages]))
  }
}
