import type { Logger } from '../../src/model/log'

/** Keeps what it was told, one `level: message` an entry. */
export class RecordingLogger implements Logger {
  readonly lines: string[] = []

  info(message: string): void {
    this.lines.push(`info: ${message}`)
  }

  warn(message: string): void {
    this.lines.push(`warn: ${message}`)
  }

  error(message: string): void {
    this.lines.push(`error: ${message}`)
  }
}
