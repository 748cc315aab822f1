import { readdirSync, readFileSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'

/** Memory of a process as `/proc/self/status` tells it, in bytes. */
export interface ProcessMemory {
  readonly virtualBytes: number
  /** Private writable memory: the heap of C and everything mapped like it. */
  readonly dataBytes: number
}

/**
 * The process as Linux tells it under `/proc/self`.
 *
 * The reads are synchronous where they are bounded: procfs is no disk, the kernel writes the answer from memory, in
 * some 20 µs, while a hop to the thread pool costs more and stands in a queue behind the application's file and DNS work.
 */
export class Procfs {
  readonly #directory: string
  readonly #sizeIsCount: boolean

  private constructor(directory: string) {
    this.#directory = directory
    this.#sizeIsCount = sizeIsCount(`${directory}/fd`)
  }

  /** `undefined` where there is no procfs (macOS, Windows) or it may not be read. */
  static open(directory = '/proc/self'): Procfs | undefined {
    try {
      readFileSync(`${directory}/status`)
      return new Procfs(directory)
    } catch {
      return undefined
    }
  }

  memory(): ProcessMemory | undefined {
    const status = this.#read('status')
    const virtualKiB = /^VmSize:\s+(\d+) kB$/m.exec(status)?.[1]
    const dataKiB = /^VmData:\s+(\d+) kB$/m.exec(status)?.[1]
    if (virtualKiB === undefined || dataKiB === undefined) return undefined
    return { virtualBytes: Number(virtualKiB) * 1024, dataBytes: Number(dataKiB) * 1024 }
  }

  /**
   * Open file descriptors. Since Linux 6.2 one `stat` tells; before, the directory is listed, which takes milliseconds
   * with thousands of sockets and is therefore left to the thread pool.
   */
  openFds(): number | undefined | Promise<number | undefined> {
    const directory = `${this.#directory}/fd`
    if (this.#sizeIsCount) return statSync(directory, { throwIfNoEntry: false })?.size
    return readdir(directory).then(
      (names) => names.length - 1, // Less the one that lists.
      () => undefined,
    )
  }

  /** The soft limit of open file descriptors; `undefined` where there is none. */
  maxFds(): number | undefined {
    const limit = /^Max open files\s+(\d+)\s/m.exec(this.#read('limits'))?.[1]
    return limit === undefined ? undefined : Number(limit)
  }

  #read(file: string): string {
    try {
      return readFileSync(`${this.#directory}/${file}`, 'latin1')
    } catch {
      return ''
    }
  }
}

/** Asked once, by comparing: other kernels that offer a procfs give directories a size with another meaning. */
function sizeIsCount(directory: string): boolean {
  try {
    return statSync(directory).size === readdirSync(directory).length - 1
  } catch {
    return false
  }
}
