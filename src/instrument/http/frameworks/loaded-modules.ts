import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { BUNDLED_MODULES, type BundledModule } from '../../../model/framework-modules'

/** A file of a package, with what to do with its exports. */
export interface WantedModule {
  /** The end of its path, with `/`: `/koa/lib/application.js`. */
  readonly file: string
  onLoaded(exports: unknown): void
}

/**
 * Finds modules that the process has loaded, without loading any: all CommonJS modules are there, also those that ES modules
 * have imported, and those in bundles that the plugin for esbuild was given to.
 */
export class LoadedModules {
  readonly #cache = createRequire(process.execPath).cache
  readonly #wanted: readonly WantedModule[]
  #known = 0

  constructor(wanted: readonly WantedModule[]) {
    this.#wanted = wanted
  }

  /** Hands over the wanted modules that are loaded, if any module has been loaded since the last time. */
  look(): void {
    const files = Object.keys(this.#cache)
    const bundled = bundledModules()
    const known = files.length + bundled.length
    if (known === this.#known) return
    this.#known = known
    for (const { file, onLoaded } of this.#wanted) {
      const end = file.replaceAll('/', sep)
      for (const path of files) if (path.endsWith(end)) onLoaded(this.#cache[path]?.exports)
      for (const [name, exports] of bundled) if (name === file) onLoaded(exports)
    }
  }
}

function bundledModules(): readonly BundledModule[] {
  return (globalThis as Record<symbol, readonly BundledModule[] | undefined>)[Symbol.for(BUNDLED_MODULES)] ?? []
}

/**
 * A module of a package of ES modules that the application has installed: the very one that it has loaded, or will.
 * `undefined` where the application has no such package, seen from its main file and from its working directory.
 */
export function moduleOfApplication(packageName: string, file: string): unknown {
  for (const place of [process.argv[1], join(process.cwd(), 'package.json')]) {
    if (place === undefined) continue
    try {
      const manifest = findPackageJSON(packageName, pathToFileURL(place))
      if (manifest !== undefined) return createRequire(manifest)(join(dirname(manifest), file))
    } catch {
      // Not installed there, or without this file: another version than those that are known.
    }
  }
  return undefined
}
