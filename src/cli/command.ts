/** Where a command writes. */
export interface Output {
  /** What was asked for. */
  out(text: string): void
  /** Why there is none. */
  error(text: string): void
}

/** A command of `meterkit`. */
export interface Command {
  readonly help: string
  /** Runs with the arguments behind its name, and returns the exit code. */
  run(args: readonly string[], env: NodeJS.ProcessEnv, output: Output): number
}
