import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../src/cli/run'
import { CONFIG_FILE, optionsFromEnvironment, variablesOf } from '../../src/config/environment'
import { TABLE } from '../../src/config/table'
import { forEachOption } from '../../src/config/walk'
import { createMetrics } from '../../src/init'

const root = join(__dirname, '../..')

/** Every kind of command line that the documentation may show, and how it is known to work. */
const commands: ReadonlyArray<{ readonly pattern: RegExp; check(words: readonly string[], line: string): unknown }> = [
  {
    // The two lines that set a machine up: continuous integration runs them as they are written.
    pattern: /^npm ci && npm (start|test)$/,
    check: (_words, line) => expect(linesOf('.ci/run').join('\n')).to.include(line),
  },
  {
    pattern: /^npm (start|test|run [\w:]+)$/,
    check: (words) => expect(manifest().scripts).to.have.property(words.at(-1) ?? ''),
  },
  {
    // test/package installs the packed tarball in a new project in just this way.
    pattern: /^npm install meterkit$/,
    check: () => expect(manifest().name).to.equal('meterkit'),
  },
  {
    // test/package starts applications in just this way.
    pattern: /^node --(import|require) meterkit\/register app\.js$/,
    check: (words) =>
      expect(readFileSync(join(root, 'test/package/startup.test.ts'), 'utf8')).to.include(`'${words[1]}'`),
  },
  {
    // A line of a file of variables, or what stands before a command.
    pattern: /^[A-Z_]+=\S+( |$)/,
    check: async (words, line) => {
      const env = variablesAt(words)
      const known: string[] = [CONFIG_FILE]
      forEachOption(TABLE, (path, option) => known.push(...variablesOf(path, option).map(({ name }) => name)))
      expect(known).to.include.members(Object.keys(env))
      optionsFromEnvironment(env, (fault) => expect.fail(fault))
      const file = env[CONFIG_FILE]
      if (file !== undefined) expect(existsSync(join(root, file)), file).to.equal(true)
      const command = line.split(' ').slice(Object.keys(env).length).join(' ')
      if (command !== '') await checkCommands(command)
    },
  },
  {
    // test/cli starts the command with a file of variables, and test/package applications in the other way.
    pattern: /^node --env-file=\.env (--import meterkit\/register )?app\.js$/,
    check: () => expect(readFileSync(join(root, 'test/cli/main.test.ts'), 'utf8')).to.include('--env-file='),
  },
  { pattern: /^npx meterkit /, check: (words) => printedByMeterkit(words.slice(2)) },
  { pattern: /^curl /, check: curl },
  {
    // Tools of Prometheus: other tests run them on the files that are named here.
    pattern: /^(promtool check (config|rules|metrics)|prometheus) /,
    check: (words) => {
      const files = words.map((word) => word.replace(/^--[\w.]+=/, '')).filter((word) => word.includes('/'))
      expect(files).not.to.deep.equal([])
      for (const file of files) expect(existsSync(join(root, file)), file).to.equal(true)
    },
  },
]

/** Checks each command of a shell block; one of an unknown kind is a fault. */
export async function checkCommands(script: string): Promise<void> {
  const lines = script.replaceAll('\\\n', ' ').split('\n')
  for (const text of lines) {
    const line = text.replace(/\s+#.*$/, '').trim()
    if (line === '' || line.startsWith('#')) continue
    const command = commands.find(({ pattern }) => pattern.test(line))
    if (command === undefined)
      throw new Error(`No check is known for the command: ${line}\nAdd one to test/docs/commands.ts.`)
    // What is only looked at through a filter is checked without it.
    await command.check(wordsOf(line.replace(/ \| (grep|head|less|sort)\b.*$/, '')), line)
  }
}

/** The variables that are set at the beginning of a command. */
function variablesAt(words: readonly string[]): Record<string, string> {
  const env: Record<string, string> = {}
  for (const word of words) {
    const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(word) ?? []
    if (name === undefined) break
    env[name] = value
  }
  return env
}

/** What `meterkit` prints, with variables set in front of its arguments. */
export function printedByMeterkit(words: readonly string[]): string {
  const env = variablesAt(words)
  const printed: string[] = []
  const code = run(words.slice(Object.keys(env).length), env, {
    out: (text) => printed.push(text),
    error: (text) => expect.fail(text),
  })
  expect(code).to.equal(0)
  return printed.join('\n')
}

/** Sends what curl would send, to an endpoint that stands for the one at localhost:9464. */
async function curl(words: readonly string[]): Promise<void> {
  const headers: Record<string, string> = {}
  let url: URL | undefined
  let method = 'GET'
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '-H') {
      const [, name = '', value = ''] = /^([\w-]+):\s*(.*)$/.exec(words[++at] ?? '') ?? []
      headers[name] = value
    } else if (word === '-I') method = 'HEAD'
    else if (word === '--compressed') headers['Accept-Encoding'] = 'gzip'
    else if (/^https?:|^localhost/.test(word)) url = new URL(word.startsWith('http') ? word : `http://${word}`)
    else if (!/^-[si]+$/.test(word)) throw new Error(`The check of curl does not know ${word}`)
  }
  expect(url?.host).to.equal('localhost:9464')
  const metrics = createMetrics({ prometheus: { port: 0 }, http: false, runtime: false })
  try {
    const { url: endpoint } = await metrics.ready()
    const response = await fetch(new URL(url?.pathname ?? '', endpoint), { method, headers })
    expect(response.status).to.equal(200)
    await response.arrayBuffer()
  } finally {
    await metrics.shutdown()
  }
}

function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

function linesOf(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').split('\n')
}

function manifest(): { readonly name: string; readonly scripts: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
}
