import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './rows'

/** How an application comes to be measured. */
export type StartUp = 'esm' | 'cjs' | 'late' | 'import' | 'require' | 'bundle'

export const START_UPS: Readonly<Record<StartUp, string>> = {
  esm: 'ES modules',
  cjs: 'CommonJS',
  late: 'late',
  import: '`--import`',
  require: '`--require`',
  bundle: 'bundled',
}

/** A program and the flags of Node.js that it is started with. */
export interface Program {
  readonly file: string
  readonly flags: readonly string[]
}

interface Esbuild {
  build(options: object): Promise<unknown>
}

/** The programs are written here: where they are, they find the frameworks. */
export const BUILT = join(__dirname, 'built')

const OPTIONS = `{ serviceName: 'frameworks', prometheus: { server: false }, runtime: false, logger: false }`
const PARTS = `import { attend } from '../attend.mjs'\n`

/** An application's own start of its metrics, before or after its server listens; or none, where a flag starts them. */
const SOURCES = {
  own: (app: string) => `import { initMetrics } from 'meterkit'
import { serve } from '../apps/${app}.mjs'
${PARTS}
const metrics = initMetrics(${OPTIONS})
Promise.resolve(serve()).then((server) => attend(server, async () => (await metrics.render()).body))
`,
  late: (app: string) => `import { serve } from '../apps/${app}.mjs'
import { initMetrics } from 'meterkit'
${PARTS}
Promise.resolve(serve()).then((server) => {
  const metrics = initMetrics(${OPTIONS})
  attend(server, async () => (await metrics.render()).body)
})
`,
  registered: (app: string) => `import { serve } from '../apps/${app}.mjs'
import { getMetrics } from 'meterkit'
${PARTS}
Promise.resolve(serve()).then((server) => attend(server, async () => (await getMetrics().render()).body))
`,
}

const KINDS: Readonly<Record<StartUp, keyof typeof SOURCES>> = {
  esm: 'own',
  cjs: 'own',
  bundle: 'own',
  late: 'late',
  import: 'registered',
  require: 'registered',
}

/** What NestJS loads only where it is installed, and what restify loads only where it could be compiled. */
const OPTIONAL = [
  '@nestjs/websockets',
  '@nestjs/microservices',
  'class-transformer',
  'class-validator',
  '@fastify/multipart',
  '@fastify/static',
  '@fastify/view',
  'dtrace-provider',
]

const REGISTER = 'meterkit/register'

const programs = new Map<string, Promise<Program>>()

/** The program that serves an application in one of the ways; written once. */
export function programFor({ app, unannounced }: Row, startUp: StartUp): Promise<Program> {
  const key = `${app} ${startUp}`
  const program = programs.get(key) ?? write(app, startUp, unannounced === undefined ? 'inside' : 'announced')
  programs.set(key, program)
  return program
}

async function write(app: string, startUp: StartUp, bundled: Packages): Promise<Program> {
  const kind = KINDS[startUp]
  const source = join(BUILT, `${app}.${kind}.mjs`)
  writeFileSync(source, SOURCES[kind](app))
  if (startUp === 'esm' || startUp === 'late') return { file: source, flags: [] }
  if (startUp === 'import') return { file: source, flags: ['--import', REGISTER] }
  const file = join(BUILT, `${app}.${startUp}.cjs`)
  await compile(source, file, startUp === 'bundle' ? bundled : 'outside')
  return { file, flags: startUp === 'require' ? ['--require', REGISTER] : [] }
}

/** Where a program's packages are: left out of its file, in it, or in it with the plugin, and all of it minified. */
export type Packages = 'outside' | 'inside' | 'announced'

const PACKAGES = {
  outside: () => ({ packages: 'external' }),
  inside: () => ({ external: OPTIONAL, keepNames: true }),
  announced: () => ({ external: OPTIONAL, minify: true, plugins: [require('meterkit/esbuild').meterkit()] }),
} as const satisfies Readonly<Record<Packages, () => object>>

/** Makes one file of a program, of CommonJS if `more` does not say otherwise. */
export async function compile(source: string, file: string, packages: Packages, more: object = {}): Promise<void> {
  const esbuild: Esbuild = require('esbuild')
  await esbuild.build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    logLevel: 'silent',
    ...PACKAGES[packages](),
    ...more,
  })
}
