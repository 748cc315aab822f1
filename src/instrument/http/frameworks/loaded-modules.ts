import { createRequire, findPackageJSON } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A file of a package, with what to do with its exports. */
export interface WantedModule {
  /** The end of its path, with `/`: `/koa/lib/application.js`. */
  readonly file: string
  onLoaded(exports: unknown): void
}

/**
 * Finds modules that the process has loaded, without loading any: all CommonJS modules are there, also those that ES modules
 * have imported.
 */
export class LoadedModules {
  readonly #cache = createRequire(process.execPath).cache
  readonly #wanted: readonly WantedModule[]
  #known = 0

  constructor(wanted: readonly WantedModule[]) {
    this.#wanted = wanted.map(({ file, onLoaded }) => ({ file: file.replaceAll('/', sep), onLoaded }))
  }

  /** Hands over the wanted modules that are loaded, if any module has been loaded since the last time. */
  look(): void {
    const files = Object.keys(this.#cache)
    if (files.length === this.#known) return
    this.#known = files.length
    for (const path of files) {
      for (const { file, onLoaded } of this.#wanted) {
        if (path.endsWith(file)) onLoaded(this.#cache[path]?.exports)
      }
    }
  }
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
