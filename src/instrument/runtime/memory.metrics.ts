/**
 * The memory of V8 and of the process.
 *
 * ```text
 * # HELP nodejs_heap_size_total_bytes Process heap size from Node.js in bytes.
 * # TYPE nodejs_heap_size_total_bytes gauge
 * nodejs_heap_size_total_bytes 37408768
 * # HELP nodejs_heap_size_used_bytes Process heap size used from Node.js in bytes.
 * # TYPE nodejs_heap_size_used_bytes gauge
 * nodejs_heap_size_used_bytes 29411240
 * # HELP nodejs_external_memory_bytes Node.js external memory size in bytes.
 * # TYPE nodejs_external_memory_bytes gauge
 * nodejs_external_memory_bytes 3504209
 * # HELP nodejs_heap_space_size_total_bytes Process heap space size total from Node.js in bytes.
 * # TYPE nodejs_heap_space_size_total_bytes gauge
 * nodejs_heap_space_size_total_bytes{space="new"} 16777216
 * # HELP nodejs_heap_space_size_used_bytes Process heap space size used from Node.js in bytes.
 * # TYPE nodejs_heap_space_size_used_bytes gauge
 * nodejs_heap_space_size_used_bytes{space="new"} 3105280
 * # HELP nodejs_heap_space_size_available_bytes Process heap space size available from Node.js in bytes.
 * # TYPE nodejs_heap_space_size_available_bytes gauge
 * nodejs_heap_space_size_available_bytes{space="new"} 13395968
 * # HELP process_resident_memory_bytes Resident memory size in bytes.
 * # TYPE process_resident_memory_bytes gauge
 * process_resident_memory_bytes 91725824
 * # HELP process_virtual_memory_bytes Virtual memory size in bytes.
 * # TYPE process_virtual_memory_bytes gauge
 * process_virtual_memory_bytes 11881848832
 * # HELP process_heap_bytes Process heap size in bytes.
 * # TYPE process_heap_bytes gauge
 * process_heap_bytes 153088000
 * ```
 *
 * The last two come from procfs and are absent where there is none (macOS, Windows).
 */
import type { InstrumentOptions } from '../../model/definition'

export const heapSizeTotal = {
  name: 'nodejs_heap_size_total_bytes',
  help: 'Process heap size from Node.js in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions

export const heapSizeUsed = {
  name: 'nodejs_heap_size_used_bytes',
  help: 'Process heap size used from Node.js in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions

export const externalMemory = {
  name: 'nodejs_external_memory_bytes',
  help: 'Node.js external memory size in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions

export const heapSpaceTotal = {
  name: 'nodejs_heap_space_size_total_bytes',
  help: 'Process heap space size total from Node.js in bytes.',
  unit: 'By',
  labelNames: ['space'],
} as const satisfies InstrumentOptions<'space'>

export const heapSpaceUsed = {
  name: 'nodejs_heap_space_size_used_bytes',
  help: 'Process heap space size used from Node.js in bytes.',
  unit: 'By',
  labelNames: ['space'],
} as const satisfies InstrumentOptions<'space'>

export const heapSpaceAvailable = {
  name: 'nodejs_heap_space_size_available_bytes',
  help: 'Process heap space size available from Node.js in bytes.',
  unit: 'By',
  labelNames: ['space'],
} as const satisfies InstrumentOptions<'space'>

export const residentMemory = {
  name: 'process_resident_memory_bytes',
  help: 'Resident memory size in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions

export const virtualMemory = {
  name: 'process_virtual_memory_bytes',
  help: 'Virtual memory size in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions

export const processHeap = {
  name: 'process_heap_bytes',
  help: 'Process heap size in bytes.',
  unit: 'By',
} as const satisfies InstrumentOptions
