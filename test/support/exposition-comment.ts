import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

const PROJECT = resolve(__dirname, '../..')

/**
 * The exposition that a `*.metrics.ts` file promises: the ```text block of its leading comment, each line ended with a
 * newline as on the page. `path` counts from the project's root. Throws when the file does not open with such a block.
 */
export function expositionComment(path: string): string {
  const source = readFileSync(resolve(PROJECT, path), 'utf8')
  const comment = /^\/\*\*\n((?: \*(?: .*)?\n)*) \*\/\n/.exec(source)?.[1]
  if (comment === undefined) throw new Error(`${path} does not open with a comment`)
  const lines = comment.split('\n').map((line) => line.slice(' * '.length))
  const start = lines.indexOf('```text')
  const end = lines.indexOf('```', start + 1)
  if (start === -1 || end === -1) throw new Error(`The leading comment of ${path} has no \`\`\`text block`)
  return lines
    .slice(start + 1, end)
    .map((line) => `${line}\n`)
    .join('')
}

/** The part of a text page that belongs to the metrics whose names begin with `prefix`, HELP and TYPE lines included. */
export function pageOf(page: string, prefix: string): string {
  return page
    .split('\n')
    .filter((line) => line.replace(/^# (?:HELP|TYPE) /, '').startsWith(prefix))
    .map((line) => `${line}\n`)
    .join('')
}

/** The page with every sum of durations replaced by one word, for pages whose time is the machine's and not a test's. */
export function withoutDurationSums(page: string): string {
  return page.replace(/^(\w+_seconds_sum(?:\{.*\})?) \S+$/gm, '$1 DURATION')
}
