import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

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
export function programFor(app: string, startUp: StartUp): Promise<Program> {
  const key = `${app} ${startUp}`
  const program = programs.get(key) ?? write(app, startUp)
  programs.set(key, program)
  return program
}

async function write(app: string, startUp: StartUp): Promise<Program> {
  const kind = KINDS[startUp]
  const source = join(BUILT, `${app}.${kind}.mjs`)
  writeFileSync(source, SOURCES[kind](app))
  if (startUp === 'esm' || startUp === 'late') return { file: source, flags: [] }
  if (startUp === 'import') return { file: source, flags: ['--import', REGISTER] }
  const file = join(BUILT, `${app}.${startUp}.cjs`)
  await compile(source, file, startUp === 'bundle')
  return { file, flags: startUp === 'require' ? ['--require', REGISTER] : [] }
}

/** Makes one CommonJS file of a program: with all packages in it, or with `require` of them. */
export async function compile(source: string, file: string, whole: boolean): Promise<void> {
  const esbuild: Esbuild = require('esbuild')
  await esbuild.build({
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    logLevel: 'silent',
    ...(whole ? { external: OPTIONAL, keepNames: true } : { packages: 'external' }),
  })
}
