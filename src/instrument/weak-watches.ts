/**
 * What is watched, without keeping hold of it: neither of the targets nor, as that may lead back to them, of what ends
 * their watch. Targets may come and go in any number.
 */
export class WeakWatches {
  readonly #unwatch = new WeakMap<object, () => void>()
  #targets: WeakRef<object>[] = []
  #sweepAt = 16

  /** Watches a target, unless it is watched already. `watch` returns what ends that. */
  add(target: object, watch: () => () => void): void {
    if (this.#unwatch.has(target)) return
    this.#unwatch.set(target, watch())
    if (this.#targets.length >= this.#sweepAt) {
      this.#targets = this.#targets.filter((ref) => ref.deref() !== undefined)
      this.#sweepAt = Math.max(16, this.#targets.length * 2)
    }
    this.#targets.push(new WeakRef(target))
  }

  /** Ends the watch of every target that is still there. */
  end(): void {
    for (const ref of this.#targets) {
      const target = ref.deref()
      if (target === undefined) continue
      this.#unwatch.get(target)?.()
      this.#unwatch.delete(target)
    }
    this.#targets = []
  }
}
