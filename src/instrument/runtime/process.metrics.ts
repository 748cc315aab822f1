/**
 * The process: which Node.js it is, since when it runs, and what it has taken from the machine.
 *
 * ```text
 * # HELP nodejs_version_info Node.js version info.
 * # TYPE nodejs_version_info gauge
 * nodejs_version_info{version="v24.21.0",major="24",minor="21",patch="0"} 1
 * # HELP process_start_time_seconds Start time of the process since unix epoch in seconds.
 * # TYPE process_start_time_seconds gauge
 * process_start_time_seconds 1767225600.25
 * # HELP process_cpu_user_seconds_total Total user CPU time spent in seconds.
 * # TYPE process_cpu_user_seconds_total counter
 * process_cpu_user_seconds_total 1.482911
 * # HELP process_cpu_system_seconds_total Total system CPU time spent in seconds.
 * # TYPE process_cpu_system_seconds_total counter
 * process_cpu_system_seconds_total 0.241008
 * # HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.
 * # TYPE process_cpu_seconds_total counter
 * process_cpu_seconds_total 1.723919
 * # HELP process_open_fds Number of open file descriptors.
 * # TYPE process_open_fds gauge
 * process_open_fds 24
 * # HELP process_max_fds Maximum number of open file descriptors.
 * # TYPE process_max_fds gauge
 * process_max_fds 1048576
 * ```
 *
 * The last two come from procfs and are absent where there is none (macOS, Windows).
 */
import type { InstrumentOptions } from '../../model/definition'

export const versionInfo = {
  name: 'nodejs_version_info',
  help: 'Node.js version info.',
  labelNames: ['version', 'major', 'minor', 'patch'],
} as const satisfies InstrumentOptions<'version' | 'major' | 'minor' | 'patch'>

export const startTime = {
  name: 'process_start_time_seconds',
  help: 'Start time of the process since unix epoch in seconds.',
  unit: 's',
} as const satisfies InstrumentOptions

export const cpuUser = {
  name: 'process_cpu_user_seconds_total',
  help: 'Total user CPU time spent in seconds.',
  unit: 's',
} as const satisfies InstrumentOptions

export const cpuSystem = {
  name: 'process_cpu_system_seconds_total',
  help: 'Total system CPU time spent in seconds.',
  unit: 's',
} as const satisfies InstrumentOptions

export const cpu = {
  name: 'process_cpu_seconds_total',
  help: 'Total user and system CPU time spent in seconds.',
  unit: 's',
} as const satisfies InstrumentOptions

export const openFds = {
  name: 'process_open_fds',
  help: 'Number of open file descriptors.',
} as const satisfies InstrumentOptions

export const maxFds = {
  name: 'process_max_fds',
  help: 'Maximum number of open file descriptors.',
} as const satisfies InstrumentOptions
