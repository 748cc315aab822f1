import { spawnSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pack, type Tarball } from './tarball'

const root = join(__dirname, '../..')

function tool(name: string, ...args: string[]): { readonly status: number | null; readonly output: string } {
  const run = spawnSync(join(__dirname, 'node_modules/.bin', name), args, { encoding: 'utf8', cwd: __dirname })
  return { status: run.status, output: `${run.stdout}${run.stderr}` }
}

describe('the packed tarball', () => {
  let tarball: Tarball

  before(() => {
    tarball = pack()
  })

  after(() => rmSync(tarball.folder, { recursive: true, force: true }))

  it('holds what is built from src/, the configuration and the papers, and nothing else', () => {
    const strange = tarball.files.filter(
      (file) => !/^(dist\/|otel-config\/|(package\.json|README\.md|CHANGELOG\.md|LICENSE)$)/.test(file),
    )
    expect(strange).to.deep.equal([])
    expect(tarball.files).to.include.members(['package.json', 'README.md', 'CHANGELOG.md', 'LICENSE'])
    const modules = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.replace(/\.ts$/, ''))
    const expected = modules.flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`, `dist/${name}.js.map`])
    expect(tarball.files.filter((file) => file.startsWith('dist/')).sort()).to.deep.equal(expected.sort())
  })

  it('passes publint', () => {
    const { status, output } = tool('publint', 'run', tarball.path, '--strict')
    expect(output).to.match(/All good!/)
    expect(status).to.equal(0)
  })

  it('passes are-the-types-wrong for every way in which supported versions of Node.js resolve it', () => {
    // Resolution as Node.js 10 did it knows no paths of a package such as "meterkit/register".
    const { status, output } = tool('attw', tarball.path, '--no-color', '--no-emoji', '--profile', 'node16')
    expect(status, output).to.equal(0)
  })
})
