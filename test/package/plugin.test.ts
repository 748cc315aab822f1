import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pack, type Tarball } from './tarball'

const root = join(__dirname, '../..')

/** As docs/HTTP.md shows it. */
const program = `
import { build } from 'esbuild'
import { meterkit } from 'meterkit/esbuild'

await build({ entryPoints: ['app.js'], outfile: 'bundle.cjs', bundle: true, platform: 'node', plugins: [meterkit()] })
`

const files: Readonly<Record<string, string>> = {
  'package.json': '{ "name": "bundling", "private": true, "type": "module" }',
  'build.mts': program,
  'node_modules/koa/package.json': '{ "name": "koa", "main": "lib/application.js" }',
  'node_modules/koa/lib/application.js': 'module.exports = class Application {}',
  'app.js': `import Koa from 'koa'
const [[file, exported]] = globalThis[Symbol.for('meterkit.modules')]
console.log(file, exported === Koa)`,
}

describe('a project that makes a bundle with the plugin', () => {
  let tarball: Tarball
  let folder: string

  before(() => {
    tarball = pack()
    folder = join(tarball.folder, 'bundling')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), files['package.json'] ?? '')
    execFileSync('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball.path], {
      cwd: folder,
      stdio: 'pipe',
    })
    symlinkSync(join(__dirname, 'node_modules/esbuild'), join(folder, 'node_modules/esbuild'))
    mkdirSync(join(folder, 'node_modules/koa/lib'), { recursive: true })
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  })

  after(() => rmSync(tarball.folder, { recursive: true, force: true }))

  it('compiles against the types of esbuild, builds, and has the framework say that it is there', () => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['build.mts'] }))
    const run = (...args: string[]) => spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' })
    const compiled = run(join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')
    expect(compiled.stdout).to.equal('')
    expect(run('build.mjs').stderr).to.equal('')
    expect(run('bundle.cjs').stdout).to.equal('/koa/lib/application.js true\n')
  })
})
