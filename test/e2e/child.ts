import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { until } from '../support/until'

/** A program that has been started, and everything it has printed. */
export interface Child {
  /** Everything printed so far, on standard output and standard error. */
  output(): string
  /** Waits for output that matches and gives the match; throws with the output where the program ends or stays silent. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  /** Asks it to end (SIGTERM) and waits; gives the exit code, `null` where a signal ended it. */
  stop(): Promise<number | null>
}

export function start(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  const name = [command, ...args].join(' ')

  return {
    output: () => output,
    printed: async (pattern) => {
      const match = await until(`${pattern} in the output of ${name}`, () => {
        const found = pattern.exec(output)
        if (!found && hasEnded(child)) throw new Error(`${name} ended:\n${output}`)
        return found ?? undefined
      }).catch((error: unknown) => {
        throw new Error(`${(error as Error).message}\n${output}`)
      })
      return match
    },
    stop: async () => {
      if (!hasEnded(child)) child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
