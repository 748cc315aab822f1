import { type Logger, loggerFrom, silentLogger, stderrLogger } from '../model/log'
import type { MetricsOptions } from './options'

/** Where a service with these options says what a person should know. */
export function loggerOf({ logger = stderrLogger, logLevel = 'info' }: MetricsOptions): Logger {
  return logger === false ? silentLogger : loggerFrom(logLevel, logger)
}
