/** Where meterkit says what a person should know: the endpoint's address, rejected measurements, failed callbacks. */
export interface Logger {
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** One line a message on standard error, so that a program's own standard output stays clean. */
export const stderrLogger: Logger = {
  info: (message) => console.error(`meterkit: ${message}`),
  warn: (message) => console.error(`meterkit: warning: ${message}`),
  error: (message) => console.error(`meterkit: error: ${message}`),
}

/** From the least to the most that keeps silent. */
export const LOG_LEVELS = ['info', 'warn', 'error', 'none'] as const

/** From which weight on something is said. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** What of a logger is said from a level on. */
export function loggerFrom(level: LogLevel, logger: Logger): Logger {
  const said = (of: keyof Logger): boolean => LOG_LEVELS.indexOf(of) >= LOG_LEVELS.indexOf(level)
  const at = (of: keyof Logger) => (message: string) => (said(of) ? logger[of](message) : undefined)
  return { info: at('info'), warn: at('warn'), error: at('error') }
}

/** Says nothing. */
export const silentLogger: Logger = { info() {}, warn() {}, error() {} }

/** A logger that cannot throw into the code that calls it, whatever the application passed in. */
export function guarded(logger: Logger): Logger {
  const guard = (level: keyof Logger) => (message: string) => {
    try {
      // A logger may be an async function, whatever its type says.
      const said: unknown = logger[level](message)
      if (said instanceof Promise) said.catch(() => undefined)
    } catch {
      // A logger that throws has nowhere left to say so.
    }
  }
  return { info: guard('info'), warn: guard('warn'), error: guard('error') }
}
