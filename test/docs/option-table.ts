/**
 * The table of options in docs/CONFIGURATION.md, made from the option table and from what stands at each option's property.
 * `npm run docs` writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as ts from 'typescript'
import { variablesOf } from '../../src/config/environment'
import type { AnyOption } from '../../src/config/option'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'

const root = join(__dirname, '../..')
const SOURCES = ['src/config/options.ts', 'src/model/http-options.ts', 'src/model/http-client-options.ts']
export const CONFIGURATION_PAGE = 'docs/CONFIGURATION.md'
const BEGIN = '<!-- made by `npm run docs`: begin -->'
const END = '<!-- made by `npm run docs`: end -->'

/** What is said of an option: its first sentence, and its default in words. */
interface Told {
  readonly sentence: string
  readonly fallback: string
}

/** The page with its table made anew. */
export function withOptionTable(page: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`${CONFIGURATION_PAGE} must have the lines ${BEGIN} and ${END}`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${optionTable()}\n\n${page.slice(end)}`
}

function optionTable(): string {
  const head = ['option', 'may be', 'default', 'variable', 'in a file', 'what it is']
  return [head, head.map(() => '---'), ...rowsOfTable().values()]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

/** The cells of each option, by its path. */
export function rowsOfTable(): Map<string, readonly string[]> {
  const told = toldOfOptions()
  const rows = new Map<string, readonly string[]>()
  forEachOption(TABLE, (path, option) => {
    const { sentence, fallback } = told.get(path) ?? { sentence: '', fallback: '' }
    const variables = variablesOf(path, option).map(({ name }) => code(name))
    const value = option.default === undefined ? fallback : code(JSON.stringify(option.default))
    const cells = [code(path), option.kind.wanted, value, variables.join(', '), placeOf(path, option), sentence]
    rows.set(path, cells)
  })
  return rows
}

const code = (text: string) => `\`${text}\``

function placeOf(path: string, { kind, file }: AnyOption): string {
  if (file !== undefined) return code(file)
  return kind.schema === undefined ? 'code alone' : code(`distribution.meterkit.${path}`)
}

/** What stands at the property of each option, by its path. */
function toldOfOptions(): Map<string, Told> {
  const interfaces = new Map<string, ts.InterfaceDeclaration>()
  for (const file of SOURCES) {
    const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
    source.forEachChild((node) => {
      if (ts.isInterfaceDeclaration(node)) interfaces.set(node.name.text, node)
    })
  }
  const told = new Map<string, Told>()
  const tell = (prefix: string, name: string): void => {
    for (const member of interfaces.get(name)?.members ?? []) {
      const path = `${prefix}${member.name?.getText()}`
      told.set(path, tellingOf(member))
      const type = ts.isPropertySignature(member) ? (member.type?.getText() ?? '') : ''
      const group = [...interfaces.keys()].find((each) => new RegExp(`\\b${each}\\b`).test(type))
      if (group !== undefined) tell(`${path}.`, group)
    }
  }
  tell('', 'MetricsOptions')
  return told
}

function tellingOf(member: ts.TypeElement): Told {
  const [comment] = ts.getJSDocCommentsAndTags(member)
  const parts = comment?.comment ?? ''
  const text = (
    typeof parts === 'string'
      ? parts
      : parts
          .map((part) =>
            part.kind === ts.SyntaxKind.JSDocText
              ? part.text
              : part.getText().replace(/^\{@link (?:\w+\.)?(\w+)\}$/, '`$1`'),
          )
          .join('')
  ).replace(/\s+/g, ' ')
  const [sentence = ''] = /^.*?\.(?= |$)/.exec(text) ?? []
  const [, fallback = ''] = /Default: (.*)\.$/.exec(text) ?? []
  return { sentence, fallback }
}

if (require.main === module) {
  const file = join(root, CONFIGURATION_PAGE)
  writeFileSync(file, withOptionTable(readFileSync(file, 'utf8')))
}
