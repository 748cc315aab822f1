/**
 * The fenced blocks of a Markdown page, with what the page says about how each is tested.
 *
 * A page speaks to the tests in comments that a reader does not see, before the block they are about:
 *
 *     <!-- test: before          code that runs in front of the block
 *     const bus = new EventEmitter()
 *     -->
 *     <!-- test: continues -->   the block goes on where the last program of the page stopped
 *     <!-- test: output -->      the block is what the last program of the page printed
 *     <!-- test: file PATH -->   the lines of the block stand together in that file
 *     <!-- test: lines PATH -->  each line of the block stands somewhere in that file
 *     <!-- test: tree PATH -->   the block maps that folder: names what is there, and every folder in it
 *     <!-- test: meterkit ARGUMENTS -->   the block is what the command prints, with variables set in front of its arguments
 *
 * and after it:
 *
 *     <!-- test: after           code that runs behind the block
 *     console.log((await metrics.render()).body)
 *     -->
 */
export interface Block {
  readonly page: string
  /** The line of the opening fence. */
  readonly line: number
  readonly language: string
  readonly code: string
  readonly before: string
  readonly after: string
  readonly continues: boolean
  /** How the block is compared with something: `output`, `file`, `lines`, `tree` or `meterkit`. */
  readonly comparison: { readonly kind: string; readonly argument: string } | undefined
}

type Draft = { -readonly [K in keyof Block]: Block[K] }
type Directives = Pick<Draft, 'before' | 'continues' | 'comparison'>

const comparisons = ['output', 'file', 'lines', 'tree', 'meterkit']

export function blocksOf(page: string, markdown: string): Block[] {
  const lines = markdown.split('\n')
  const blocks: Draft[] = []
  let next: Directives = { before: '', continues: false, comparison: undefined }
  const unused = () => next.before !== '' || next.continues || next.comparison !== undefined

  for (let at = 0; at < lines.length; at++) {
    const text = lines[at] ?? ''
    const where = `${page}:${at + 1}`

    const fence = /^(\s*)(`{3,}|~{3,})\s*([\w-]*)\s*$/.exec(text)
    if (fence !== null) {
      const [, indent = '', mark = '', language = ''] = fence
      const end = lines.findIndex((line, index) => index > at && line.trim() === mark)
      if (end === -1) throw new Error(`${where}: the block is not closed`)
      const code = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      blocks.push({ page, line: at + 1, language, code: code.join('\n'), after: '', ...next })
      next = { before: '', continues: false, comparison: undefined }
      at = end
      continue
    }

    const comment = /^\s*<!--\s*test:\s*(\w+)\s*(.*?)\s*(-->)?\s*$/.exec(text)
    if (comment === null) {
      if (/^\s*(`{3,}|~{3,})/.test(text)) throw new Error(`${where}: a fence takes one language word and nothing more`)
      if (/<!--\s*test\b/.test(text)) throw new Error(`${where}: a test comment has a line of its own`)
      continue
    }
    const [, verb = '', argument = '', closed] = comment
    let body = ''
    if (closed === undefined) {
      const end = lines.findIndex((line, index) => index > at && line.trim() === '-->')
      if (end === -1) throw new Error(`${where}: the test comment is not closed by a line -->`)
      body = lines.slice(at + 1, end).join('\n')
      at = end
    }
    if (verb === 'before' && body !== '') next.before += `${body}\n`
    else if (verb === 'continues' && body === '') next.continues = true
    else if (verb === 'after' && body !== '') {
      const last = blocks.at(-1)
      if (last === undefined || unused()) throw new Error(`${where}: "after" follows the block that it is about`)
      last.after += `${body}\n`
    } else if (comparisons.includes(verb) && body === '') next.comparison = { kind: verb, argument }
    else throw new Error(`${where}: unknown test comment "${verb}"`)
  }
  if (unused()) throw new Error(`${page}: the last test comment has no block`)
  return blocks
}

/**
 * Whether the expected lines stand together somewhere in the text. `…` in a line is any text; a line that is
 * nothing but `…` (or a comment with it) is any number of lines. Indentation is not compared.
 */
export function standsIn(expected: string, text: string): boolean {
  const literal = (part: string) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  const patterns = expected.split('\n').map((line) => {
    if (/^(#|\/\/)?\s*…$/.test(line.trim())) return '(?:.*\\n)*?'
    return `[ \\t]*${line.trim().split('…').map(literal).join('.*')}[ \\t]*\\n`
  })
  return new RegExp(`(?:^|\\n)${patterns.join('')}`).test(`${text}\n`)
}
