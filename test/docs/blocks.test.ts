import { expect } from 'chai'
import { blocksOf, standsIn } from './blocks'
import { checkCommands } from './commands'
import { Project, programOf } from './programs'

async function faultOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return String(error)
  }
  return 'none'
}

describe('the test of the documentation', () => {
  it('finds blocks, their language and what the page says about them', () => {
    const page = [
      '<!-- test: before',
      'const a = 1',
      '-->',
      'Text.',
      '```ts',
      'a + 1',
      '```',
      '<!-- test: after',
      'a + 2',
      '-->',
      '1. In a list:',
      '   <!-- test: file otel-config/prometheus.yml -->',
      '   ```yaml',
      '   jobs:',
      '     - one',
      '   ```',
      '````text',
      '```',
      '````',
    ].join('\n')
    expect(blocksOf('p.md', page)).to.deep.equal([
      {
        page: 'p.md',
        line: 5,
        language: 'ts',
        code: 'a + 1',
        before: 'const a = 1\n',
        after: 'a + 2\n',
        continues: false,
        comparison: undefined,
      },
      {
        page: 'p.md',
        line: 13,
        language: 'yaml',
        code: 'jobs:\n  - one',
        before: '',
        after: '',
        continues: false,
        comparison: { kind: 'file', argument: 'otel-config/prometheus.yml' },
      },
      {
        page: 'p.md',
        line: 17,
        language: 'text',
        code: '```',
        before: '',
        after: '',
        continues: false,
        comparison: undefined,
      },
    ])
  })

  for (const [page, fault] of [
    ['```ts\nlost', 'p.md:1: the block is not closed'],
    ['```ts title="a.ts"\n```', 'p.md:1: a fence takes one language word and nothing more'],
    ['<!-- test: skip -->\n```ts\n```', 'p.md:1: unknown test comment "skip"'],
    ['<!-- test: before\nx', 'p.md:1: the test comment is not closed by a line -->'],
    ['Text <!-- test: output -->\n```text\n```', 'p.md:1: a test comment has a line of its own'],
    ['<!-- test: continues -->\nText', 'p.md: the last test comment has no block'],
    ['<!-- test: after\nx\n-->', 'p.md:1: "after" follows the block that it is about'],
  ] as const) {
    it(`refuses a page with ${JSON.stringify(page)}`, () => {
      expect(() => blocksOf('p.md', page)).to.throw(fault)
    })
  }

  it('compares a block with a text line by line', () => {
    const text = 'one\n  two (12 ms) $x\nthree\nfour\n'
    expect(standsIn('one\ntwo (… ms) $x', text)).to.equal(true)
    expect(standsIn('one\n…\nfour', text)).to.equal(true)
    expect(standsIn('one\n# …\ntwo (12 ms) $x', text)).to.equal(true)
    expect(standsIn('one\nthree', text)).to.equal(false)
    expect(standsIn('wo (12 ms) $x', text)).to.equal(false)
    expect(standsIn('two (12 ms)', text)).to.equal(false)
    expect(standsIn('four\n…\none', text)).to.equal(false)
  })

  it('refuses a command that it cannot check', async () => {
    expect(await faultOf(checkCommands('# a comment\nnpm run build  # compiles\nmake all'))).to.include('make all')
    expect(await faultOf(checkCommands('npm run nothing'))).to.include('nothing')
    expect(await faultOf(checkCommands('promtool check config otel-config/nothing.yml'))).to.include('nothing.yml')
  })

  it('runs a program on the ports it names, and sees when it is wrong', async function () {
    this.timeout(60_000)
    this.slow(5_000)
    const project = new Project()
    const programs = [
      "import { createServer } from 'node:http'",
      'const wrong: number = "text"',
      'throw new Error("it broke")',
    ].map((source, at) => {
      const [block] = blocksOf('p.md', `${'\n'.repeat(at)}\`\`\`ts\n${source}\n\`\`\``)
      if (block === undefined) throw new Error('no block')
      const body = [
        "const server = createServer((_request, response) => response.end('from 9464'))",
        "await new Promise<void>((resolve) => server.listen(9464, 'localhost', resolve))",
        'console.log(server.address(), await (await fetch("http://localhost:9464")).text())',
      ]
      return programOf([{ ...block, code: at === 0 ? [source, ...body].join('\n') : source }])
    })
    const [serves, mistyped, throws] = programs
    if (serves === undefined || mistyped === undefined || throws === undefined) throw new Error('three programs')
    try {
      project.add(programs)
      expect(project.diagnostics(serves)).to.deep.equal([])
      expect(await project.run(serves)).to.match(/port: 9464.*from 9464/s)
      expect(project.diagnostics(mistyped)).to.deep.equal([
        `Type 'string' is not assignable to type 'number'. in: const wrong: number = "text"`,
      ])
      expect(await faultOf(project.run(throws))).to.include('it broke')
    } finally {
      project.remove()
    }
  })
})
