/** brakes brings no types. This is what the tests use of it. */
declare module 'brakes' {
  import { EventEmitter } from 'node:events'

  class Brakes extends EventEmitter {
    constructor(main: (...args: unknown[]) => unknown, options?: Brakes.Options)
    constructor(options: Brakes.Options)
    readonly name: string
    readonly group: string
    exec(...args: unknown[]): Promise<unknown>
    fallback(answer: (...args: unknown[]) => unknown): void
    isOpen(): boolean
    subCircuit(
      main: (...args: unknown[]) => unknown,
      fallback?: (...args: unknown[]) => unknown,
      options?: Brakes.CircuitOptions,
    ): Brakes.Circuit
    destroy(): void
  }

  namespace Brakes {
    interface CircuitOptions {
      timeout?: number
      isFailure?: (error: unknown) => boolean
      isPromise?: boolean
    }
    interface Options extends CircuitOptions {
      name?: string
      group?: string
      circuitDuration?: number
      threshold?: number
      waitThreshold?: number
      registerGlobal?: boolean
      fallback?: (...args: unknown[]) => unknown
      healthCheck?: () => Promise<unknown>
      healthCheckInterval?: number
    }
    interface Circuit extends EventEmitter {
      exec(...args: unknown[]): Promise<unknown>
    }
  }

  export = Brakes
}
