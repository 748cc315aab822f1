/** The files of frameworks that hold the classes which tell routes: the ends of their paths, each from its package's name on. */
export const LAYER_FILES: readonly string[] = ['/express/lib/router/layer.js', '/router/lib/layer.js']
export const KOA_FILE = '/koa/lib/application.js'
export const HAPI_FILE = '/@hapi/hapi/lib/request.js'

/** The router that applications of Hono have, and those that they can be given. */
const HONO_ROUTERS = ['smart', 'pattern', 'reg-exp', 'trie', 'linear']
/** ES modules. */
export const HONO_FILES: readonly string[] = HONO_ROUTERS.map((name) => `/hono/dist/router/${name}-router/router.js`)
/** What `require` has instead. */
export const HONO_COMMONJS_FILES: readonly string[] = HONO_ROUTERS.map(
  (name) => `/hono/dist/cjs/router/${name}-router/router.js`,
)

/** A module in a bundle that has said that it is there: its file, as it is written above, and its exports. */
export type BundledModule = readonly [file: string, exports: unknown]

/** Under which the modules of all bundles in the process are a list of {@link BundledModule} on `globalThis`. */
export const BUNDLED_MODULES = 'meterkit.modules'
