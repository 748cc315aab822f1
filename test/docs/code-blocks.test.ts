import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { type Block, blocksOf, standsIn } from './blocks'
import { checkCommands, printedByMeterkit } from './commands'
import { buildFault, type Program, Project, programLanguages, programOf } from './programs'

const root = join(__dirname, '../..')
const shells = ['sh', 'bash', 'shell', 'console']

const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)].filter((file) =>
  file.endsWith('.md'),
)

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

/** The programs of a page in order, each with the blocks that show what it printed. */
function programsOf(blocks: readonly Block[]): { program: Program; outputs: Block[] }[] {
  const chains: { parts: Block[]; outputs: Block[] }[] = []
  for (const block of blocks) {
    const where = `${block.page}:${block.line}`
    const last = chains.at(-1)
    if (block.comparison?.kind === 'output') {
      if (last === undefined) throw new Error(`${where}: no program stands before this output`)
      last.outputs.push(block)
    } else if (block.comparison === undefined && programLanguages.includes(block.language)) {
      if (!block.continues) chains.push({ parts: [block], outputs: [] })
      else if (last === undefined) throw new Error(`${where}: no program stands before this block, which continues one`)
      else last.parts.push(block)
    }
  }
  return chains.map(({ parts, outputs }) => ({ program: programOf(parts), outputs }))
}

interface Page {
  readonly blocks: readonly Block[]
  readonly programs: ReturnType<typeof programsOf>
}

/** The page, or why it cannot be read, which is then a test that fails. */
function open(page: string): Page | { readonly fault: unknown } {
  try {
    const blocks = blocksOf(page, read(page))
    return { blocks, programs: programsOf(blocks) }
  } catch (fault) {
    return { fault }
  }
}

describe('the code blocks of the documentation', function () {
  this.timeout(60_000)
  this.slow(5_000)

  const programs: Program[] = []
  let project: Project

  before(() => {
    expect(buildFault()).to.equal(undefined)
    project = new Project()
    project.add(programs)
  })

  after(() => project?.remove())

  for (const name of pages) {
    const page = open(name)
    if ('fault' in page) {
      it(`${name} can be read`, () => {
        throw page.fault
      })
      continue
    }

    for (const { program, outputs } of page.programs) {
      programs.push(program)
      it(`${program.title} compiles, runs and ends`, async () => {
        expect(project.diagnostics(program)).to.deep.equal([])
        const printed = await project.run(program)
        for (const output of outputs) {
          const where = `${output.page}:${output.line}`
          expect(standsIn(output.code, printed), `${where} is not what was printed:\n${printed}`).to.equal(true)
        }
      })
    }

    for (const block of page.blocks) {
      const { language, code, comparison } = block
      const title = `${name}:${block.line}`
      if (comparison !== undefined) {
        if (comparison.kind === 'output') continue
        it(`${title} agrees with the ${comparison.kind} ${comparison.argument}`, () => compare(block))
      } else if (shells.includes(language)) {
        it(`${title} shows commands that work`, () => checkCommands(code))
      } else if (language === 'json') {
        it(`${title} is JSON`, () => JSON.parse(code))
      } else if (!programLanguages.includes(language)) {
        it(`${title} is tested`, () => {
          const what = language || 'no language'
          throw new Error(`A block of ${what} must say what it is compared with: see test/docs/blocks.ts`)
        })
      }
    }

    it(`${name} links to files that exist`, () => {
      const targets = [...read(name).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map((match) => match[1] ?? '')
      expect(targets.filter((target) => !existsSync(join(root, dirname(name), target)))).to.deep.equal([])
    })
  }
})

function compare({ code, comparison, page, line }: Block): void {
  const { kind, argument } = comparison ?? { kind: '', argument: '' }
  const lines = code.split('\n').map((text) => text.trim())
  if (kind === 'file') {
    expect(standsIn(code, read(argument)), `${page}:${line} does not stand in ${argument}`).to.equal(true)
  } else if (kind === 'lines') {
    const text = read(argument)
    const missing = lines.filter((wanted) => wanted !== '' && !text.includes(wanted))
    expect(missing, `lines that are not in ${argument}`).to.deep.equal([])
  } else if (kind === 'meterkit') {
    const printed = printedByMeterkit(argument.split(' '))
    expect(standsIn(code, printed), `${page}:${line} is not what was printed:\n${printed}`).to.equal(true)
  } else {
    compareTree(lines, argument)
  }
}

/** Each word of the map that looks like a path leads to something, and the map leaves out no folder. */
function compareTree(lines: readonly string[], folder: string): void {
  const shown = lines.flatMap((text) => text.match(/[\w.*-]+(?:\/[\w.*-]+)*(?:\/|\.\w+)(?=[\s,:)]|$)/g) ?? [])
  const paths = shown.filter((path) => !path.includes('*')).map((path) => path.replace(/\/$/, ''))
  const base = join(root, folder)
  const there = readdirSync(base, { recursive: true, encoding: 'utf8' })
  const leadsNowhere = paths.filter((path) => path !== folder && !there.some((file) => `/${file}`.endsWith(`/${path}`)))
  expect(leadsNowhere, `not found in ${folder}`).to.deep.equal([])
  const rooms = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(rooms.map((entry) => entry.name).filter((name) => !paths.includes(name))).to.deep.equal([])
}
