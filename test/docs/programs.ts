import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import * as ts from 'typescript'
import type { Block } from './blocks'

const root = join(__dirname, '../..')

/** A program of a page: one block, and those that continue it. */
export interface Program {
  readonly title: string
  readonly typed: boolean
  readonly source: string
}

const typescript = ['ts', 'typescript']
const javascript = ['js', 'javascript', 'mjs']
const commonjs = ['cjs']

/** The languages of the blocks that run. */
export const programLanguages = [...typescript, ...javascript, ...commonjs]

export function programOf(blocks: readonly Block[]): Program {
  const first = blocks[0]
  if (first === undefined) throw new Error('A program has at least one block')
  if (blocks.some((block) => block.language !== first.language)) {
    throw new Error(`${first.page}:${first.line}: a program goes on in the language in which it began`)
  }
  return {
    title: `${first.page}:${blocks.map((block) => block.line).join('+')}`,
    typed: typescript.includes(first.language),
    source: blocks.map((block) => `${block.before}${block.code}\n${block.after}`).join('\n'),
  }
}

/**
 * A project that has installed meterkit, as a reader has: the built package under its own name, and beside it what
 * the library is developed with. Programs are ES modules there, so that `await` needs no function around it.
 */
export class Project {
  readonly #home = mkdtempSync(join(tmpdir(), 'meterkit-docs-'))
  readonly #folder = join(this.#home, 'project')
  readonly #diagnostics = new Map<string, string[]>()

  constructor() {
    mkdirSync(join(this.#folder, 'node_modules'), { recursive: true })
    symlinkSync(root, join(this.#folder, 'node_modules/meterkit'))
    symlinkSync(join(root, 'node_modules'), join(this.#home, 'node_modules'))
    writeFileSync(join(this.#folder, 'package.json'), '{ "name": "reader", "private": true, "type": "module" }\n')
  }

  /** Compiles the programs together, which takes hardly longer than compiling one. */
  add(programs: readonly Program[]): void {
    for (const program of programs) {
      writeFileSync(this.#path(program, program.typed ? 'ts' : 'js'), `${program.source}\nexport {}\n`)
    }
    const typed = programs.filter((program) => program.typed)
    const compilation = ts.createProgram({
      rootNames: typed.map((program) => this.#path(program, 'ts')),
      options: {
        module: ts.ModuleKind.NodeNext,
        target: ts.ScriptTarget.ES2023,
        lib: ['lib.es2023.d.ts'],
        types: ['node'],
        typeRoots: [join(root, 'node_modules/@types')],
        strict: true,
        skipLibCheck: true,
        sourceMap: false,
      },
    })
    compilation.emit()
    for (const program of typed) {
      const source = compilation.getSourceFile(this.#path(program, 'ts'))
      const found = ts.getPreEmitDiagnostics(compilation, source)
      this.#diagnostics.set(
        program.title,
        found.map((diagnostic) => {
          const line = source?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0
          const quoted = source?.text.split('\n')[line]?.trim() ?? ''
          return `${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')} in: ${quoted}`
        }),
      )
    }
  }

  /** What the compiler says about the program: nothing, if it is right. */
  diagnostics(program: Program): readonly string[] {
    return this.#diagnostics.get(program.title) ?? []
  }

  /** What the program printed. It must end by itself, without an error. */
  run(program: Program): Promise<string> {
    const child = spawn(process.execPath, ['--require', join(__dirname, 'any-port.cjs'), this.#path(program, 'js')], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const limit = setTimeout(() => child.kill('SIGKILL'), 50_000)
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk
    })
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        clearTimeout(limit)
        if (code === 0) resolve(output)
        else reject(new Error(`${program.title} ended with ${signal ?? code}\n${output}${errors}`))
      })
    })
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true })
  }

  #path(program: Program, extension: string): string {
    return join(this.#folder, `${program.title.replaceAll(/[^\w]+/g, '-')}.${extension}`)
  }
}

/** Says what is wrong with the built package, which the programs import: it must be there and not be older than src/. */
export function buildFault(): string | undefined {
  const entry = join(root, 'dist/index.js')
  if (!existsSync(entry)) return `${basename(root)}/dist is not built: npm run build`
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  const newest = Math.max(...files.map((file) => statSync(join(root, 'src', file)).mtimeMs))
  return newest > statSync(entry).mtimeMs ? `dist/ is older than src/: npm run build` : undefined
}
