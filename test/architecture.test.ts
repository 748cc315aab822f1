import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import * as ts from 'typescript'

const root = join(__dirname, '..')
const depcruise = join(root, 'node_modules/dependency-cruiser', 'bin/dependency-cruiser.mjs')

interface Violation {
  readonly from: string
  readonly to: string
  readonly rule: { readonly name: string }
}

/** A house with one fault of each kind; what stands beside the faults is allowed and must not be reported. */
const faultyHouse: Readonly<Record<string, string>> = {
  'src/index.ts': `export { init } from './init'`,
  'src/init.ts': `
    import '../test/helper'
    import './attic/box'
    import './endpoint/server'
    import './health/checks'
    import './instrument/http'
    import './loose'
    import './register'
    export const init = 1`,
  'src/register.ts': `import './store/cell'`,
  'src/esbuild.ts': `import './model/definition'; import './store/cell'`,
  'src/loose.ts': `import './model/definition'`,
  'src/attic/box.ts': `import '../model/definition'`,
  'src/model/definition.ts': `import type { A } from './type-cycle'; import type { Meter } from '@opentelemetry/api'; export type B = A | Meter`,
  'src/model/type-cycle.ts': `import type { B } from './definition'; export type A = B[]`,
  'src/store/cell.ts': `import type { Counter } from '../facade/counter'; import '../model/definition'; export type C = Counter`,
  'src/facade/counter.ts': `import 'chai'; import '../model/definition'; import './missing'; export type Counter = 1`,
  'src/endpoint/server.ts': `import '@opentelemetry/api'; import '../exposition/text'; import 'node:http'`,
  'src/exposition/text.ts': `import '../store/cell'; import type { Meter } from '@opentelemetry/api'`,
  'src/health/checks.ts': `import '../store/cell'`,
  'src/instrument/http.ts': `import '../facade/counter'; import '../store/cell'`,
  'src/instrument/http.metrics.ts': `import '../model/definition'`,
  'src/alerts/rules.ts': `import '../instrument/http.metrics'; import '../instrument/http'`,
  'test/helper.ts': `export {}`,
}

const expectedFaults = [
  'alerts-imports-only-its-own: src/alerts/rules.ts → src/instrument/http.ts',
  'esbuild-only-names-modules: src/esbuild.ts → src/store/cell.ts',
  'every-folder-is-a-room: src/attic/box.ts → src/model/definition.ts',
  'init-imports-no-entry: src/init.ts → src/register.ts',
  'instrument-imports-only-its-own: src/instrument/http.ts → src/store/cell.ts',
  'model-needs-no-package: src/model/definition.ts → @opentelemetry/api',
  'no-cycle: src/model/definition.ts → src/model/type-cycle.ts',
  'no-dead-file: src/alerts/rules.ts',
  'no-dead-file: src/instrument/http.metrics.ts',
  'no-unresolvable: src/facade/counter.ts → ./missing',
  'only-init-wires: src/loose.ts → src/model/definition.ts',
  'register-only-starts: src/register.ts → src/store/cell.ts',
  'src-needs-only-declared-packages: src/facade/counter.ts → chai',
  'src-stays-in-src: src/init.ts → test/helper.ts',
  'store-imports-only-its-own: src/store/cell.ts → src/facade/counter.ts',
]

function violations(folder: string): string[] {
  const run = spawnSync(
    process.execPath,
    [depcruise, '--config', join(root, '.dependency-cruiser.cjs'), '-T', 'json', 'src'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    },
  )
  expect(run.stderr, 'dependency-cruiser').to.equal('')
  const found: Violation[] = JSON.parse(run.stdout).summary.violations
  const short = (path: string) => path.replace(/^.*node_modules\/((@[^/]+\/)?[^/]+)\/.*$/, '$1')
  const lines = found.map(({ rule, from, to }) => {
    // A file that cannot be reached has no import to show; the rule names the file itself.
    if (rule.name === 'no-dead-file') return `${rule.name}: ${to}`
    return `${rule.name}: ${from} → ${short(to)}`
  })
  return [...new Set(lines)].sort()
}

describe('the import rules', () => {
  let house: string

  beforeEach(() => {
    house = mkdtempSync(join(tmpdir(), 'meterkit-rules-'))
    symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'))
    for (const file of ['package.json', 'tsconfig.json'])
      writeFileSync(join(house, file), readFileSync(join(root, file)))
  })

  afterEach(() => rmSync(house, { recursive: true, force: true }))

  it('find each kind of forbidden import, and only those', () => {
    for (const [file, text] of Object.entries(faultyHouse)) {
      mkdirSync(dirname(join(house, file)), { recursive: true })
      writeFileSync(join(house, file), text)
    }
    expect(violations(house)).to.deep.equal(expectedFaults)
  })
})

describe('src/', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )

  it('has one index.ts, which re-exports by name and does nothing else', () => {
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file))).to.deep.equal(['index.ts'])
    const source = ts.createSourceFile(
      'index.ts',
      readFileSync(join(root, 'src/index.ts'), 'utf8'),
      ts.ScriptTarget.Latest,
    )
    const others = source.statements.filter(
      (statement) =>
        !ts.isExportDeclaration(statement) ||
        statement.moduleSpecifier === undefined ||
        statement.exportClause === undefined ||
        !ts.isNamedExports(statement.exportClause),
    )
    expect(others.map((statement) => statement.getText(source))).to.deep.equal([])
  })
})
