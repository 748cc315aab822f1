import { LoadedModules } from '../http/frameworks/loaded-modules'

/** Next.js makes spans of what it serves and of what it fetches by itself, once a tracer provider is registered. */
export class NextSpans {
  readonly #servers = new WeakSet<object>()
  readonly #modules: LoadedModules
  #isLoaded = false

  constructor() {
    const onLoaded = () => {
      this.#isLoaded = true
    }
    this.#modules = new LoadedModules(
      ['next', 'next-server'].map((name) => ({ file: `/next/dist/server/${name}.js`, onLoaded })),
    )
    this.#modules.look()
  }

  /** Whether it is loaded: as it may be after this began, that is looked for at the first request of each server. */
  makes(server?: object): boolean {
    if (server !== undefined && !this.#servers.has(server)) {
      this.#servers.add(server)
      this.#modules.look()
    }
    return this.#isLoaded
  }
}
