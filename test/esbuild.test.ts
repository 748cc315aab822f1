import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { type LoadedFile, meterkit } from '../src/esbuild'

type OnLoad = Parameters<Parameters<ReturnType<typeof meterkit>['setup']>[0]['onLoad']>

describe('The plugin for esbuild', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meterkit-esbuild-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function write(file: string, text: string): string {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** What a build makes of a file. */
  async function loaded(path: string): Promise<LoadedFile> {
    const hooks: OnLoad[] = []
    meterkit().setup({ onLoad: (...hook) => hooks.push(hook) })
    const [[{ filter }, load]] = hooks as [OnLoad]
    return filter.test(path) ? await load({ path }) : undefined
  }

  it('has a module of CommonJS and an ES module say that they are there, behind what they do', async () => {
    write('node_modules/koa/package.json', '{ "name": "koa" }')
    const koa = write('node_modules/koa/lib/application.js', 'module.exports = class {}')
    const list = `(globalThis[Symbol.for('meterkit.modules')] ??= [])`
    expect(await loaded(koa)).to.deep.equal({
      contents: `module.exports = class {}\n;${list}.push(['/koa/lib/application.js', module.exports])\n`,
      loader: 'js',
    })
    write('node_modules/hono/package.json', '{ "name": "hono" }')
    const hono = write('node_modules/hono/dist/router/trie-router/router.js', 'export class TrieRouter {}')
    expect((await loaded(hono))?.contents).to.equal(
      `export class TrieRouter {}\nimport * as meterkitModule from './router.js'\n;${list}.push(['/hono/dist/router/trie-router/router.js', meterkitModule])\n`,
    )
    write('node_modules/@hapi/hapi/package.json', '{ "name": "@hapi/hapi" }')
    expect(await loaded(write('node_modules/@hapi/hapi/lib/request.js', ''))).not.to.equal(undefined)
  })

  it('leaves alone what is of another package, of none, and other files', async () => {
    write('package.json', '{ "name": "koa" }')
    expect(await loaded(write('src/koa/lib/application.js', 'export {}'))).to.equal(undefined)
    write('node_modules/koa/package.json', '{ "name": "another" }')
    expect(await loaded(write('node_modules/koa/lib/application.js', ''))).to.equal(undefined)
    write('koa/package.json', '{ "name": "koa" }')
    expect(await loaded(write('koa/lib/applicationXjs', ''))).to.equal(undefined)
    expect(await loaded(write('koa/lib/context.js', ''))).to.equal(undefined)
  })
})
