/**
 * A plugin for esbuild: `plugins: [meterkit()]`. In a bundle, nothing leads to the classes of Koa, Hono and hapi, so the plugin
 * has their modules say that they are there.
 */
import { readFile } from 'node:fs/promises'
import { sep } from 'node:path'
import {
  BUNDLED_MODULES,
  HAPI_FILE,
  HONO_COMMONJS_FILES,
  HONO_FILES,
  KOA_FILE,
  LAYER_FILES,
} from './model/framework-modules'

/** What a plugin is to esbuild, as far as it is needed here: its own types are there only where it is installed. */
export interface EsbuildPlugin {
  readonly name: string
  setup(build: EsbuildBuild): void
}

export interface EsbuildBuild {
  onLoad(options: { filter: RegExp; namespace: string }, load: (file: { path: string }) => Promise<LoadedFile>): void
}

/** `undefined` leaves a file to other plugins and to esbuild. */
export type LoadedFile = { contents: string; loader: 'js' } | undefined

const FILES = [...LAYER_FILES, KOA_FILE, HAPI_FILE, ...HONO_FILES, ...HONO_COMMONJS_FILES]
/** In a syntax that esbuild's own expressions have, too. */
const FILTER = new RegExp(
  `(?:${FILES.map((file) => file.replaceAll('/', '[\\\\/]').replaceAll('.', '\\.')).join('|')})$`,
)

/** Has the routes of bundled frameworks known. Each bundle is given a plugin of its own, or all the same. */
export function meterkit(): EsbuildPlugin {
  return {
    name: 'meterkit',
    setup(build) {
      build.onLoad({ filter: FILTER, namespace: 'file' }, ({ path }) => load(path))
    },
  }
}

async function load(path: string): Promise<LoadedFile> {
  const native = FILES.map((file) => file.replaceAll('/', sep))
  const file = FILES[native.findIndex((end) => path.endsWith(end))]
  if (file === undefined || !(await isOfPackage(path, file))) return undefined
  return { contents: `${await readFile(path, 'utf8')}\n${announcement(file)}`, loader: 'js' }
}

/** Whether the file is that of the package, not one of the application's that is called the same. */
async function isOfPackage(path: string, file: string): Promise<boolean> {
  const [name = ''] = /^(?:@[^/]+\/)?[^/]+/.exec(file.slice(1)) ?? []
  const folder = path.slice(0, path.length - (file.length - '/'.length - name.length))
  try {
    return JSON.parse(await readFile(`${folder}${sep}package.json`, 'utf8')).name === name
  } catch {
    return false
  }
}

/** The statement at the end of a module: by then, its classes are made. */
function announcement(file: string): string {
  const isEsModule = HONO_FILES.includes(file)
  const own = isEsModule ? `import * as meterkitModule from './${file.slice(file.lastIndexOf('/') + 1)}'\n` : ''
  const exported = isEsModule ? 'meterkitModule' : 'module.exports'
  const list = `(globalThis[Symbol.for('${BUNDLED_MODULES}')] ??= [])`
  return `${own};${list}.push(['${file}', ${exported}])\n`
}
