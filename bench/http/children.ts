import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'

/** Beside the peers, so that the compiled files find them. */
const DIRECTORY = join(__dirname, '../node_modules/.cache/http')

/**
 * Compiles the files that run in processes of their own, and gives the directory with the results.
 *
 * Under ts-node they would be measured with it: it loads `node:domain`, which makes every event emitter dearer.
 */
export function compileChildren(): string {
  mkdirSync(DIRECTORY, { recursive: true })
  for (const name of ['instrument', 'load', 'nest', 'next', 'scenarios', 'server', 'servers']) {
    const source = readFileSync(join(__dirname, `${name}.ts`), 'utf8')
    const { outputText } = transpileModule(source, {
      compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2023 },
    })
    writeFileSync(join(DIRECTORY, `${name}.js`), outputText)
  }
  return DIRECTORY
}
