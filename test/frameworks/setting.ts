import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BUILT } from './start-ups'

const run = promisify(execFile)
const MODULES = join(__dirname, 'node_modules')
const BUILDERS: Readonly<Record<string, readonly string[]>> = {
  next: ['build', 'apps/next'],
  nitro: ['build', '--dir', 'apps/nitro'],
}

/** Each is made once, by whichever test needs it first. */
const builds = new Map<string, Promise<unknown>>()

/** What the applications stand on: the library among their packages, and the builds of those that are built. */
export class Setting {
  /** A folder for sockets. */
  readonly sockets = mkdtempSync(join(tmpdir(), 'frameworks-'))
  readonly #waiting: (() => void)[] = []
  #free: number

  /** How many things are done at a time. */
  constructor(atATime: number) {
    this.#free = atATime
    mkdirSync(BUILT, { recursive: true })
    const library = join(MODULES, 'meterkit')
    rmSync(library, { force: true })
    symlinkSync(join(__dirname, '../..'), library)
  }

  /** Waits until an application is there to be started. */
  async built(app: string): Promise<void> {
    const builder = BUILDERS[app]
    if (builder === undefined) return
    let build = builds.get(app)
    if (build === undefined) {
      const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
      build = run(join(MODULES, '.bin', app), builder, { cwd: __dirname, env })
      builds.set(app, build)
    }
    await build
  }

  /** Does things in the order of the calls. */
  async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#free--
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }

  end(): void {
    rmSync(this.sockets, { recursive: true, force: true })
  }
}
