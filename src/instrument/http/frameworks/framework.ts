import type { Exchange, ExchangeKey, Router } from '../exchange'
import type { Path, Paths } from '../paths'

/** Follows requests through one framework, where the application has it. */
export interface Framework extends Router {
  /** Listens to what the framework publishes. */
  start(): void
  /** Leaves the framework as it was. Objects that it cannot leave find no request to mark. */
  stop(): void
  /** Looks at a server that has a request for it, before the application gets that: at its first one, and now and then. */
  meet(server: object): void
  /**
   * The path of a request that has not been followed; `undefined` where the framework has not had it. Not there where it leaves
   * nothing to tell that by.
   */
  pathOfUnseen?(exchange: Exchange, statusCode: number): Path | undefined
}

/** What every framework's file is handed. */
export interface FrameworkHost {
  readonly key: ExchangeKey
  readonly paths: Paths
  /** Is told of what went wrong; nothing is thrown into the application. */
  onFault(error: unknown): void
}
