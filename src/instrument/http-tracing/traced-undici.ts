import { listenersOf } from '../channel-listeners'
import { carriesTelemetry } from '../http-client/telemetry'
import { headerOf } from '../http-client/undici-headers'
import { carriesTrace } from './propagated'

/** A request of undici's, as an instrumentation hands it over. */
export interface UndiciRequest {
  /** Names and values in turn. */
  readonly headers: unknown
}

/** What an instrumentation listens with: a method that it has bound to itself. */
const LISTENER = 'bound onRequestCreated'

/** How many instrumentations of OpenTelemetry's listen to undici's requests. */
export function undiciInstrumentations(): number {
  return listenersOf('undici:request:create').filter(({ name }) => name === LISTENER).length
}

/** Whether somebody else traces a request, or nobody shall. */
export function isUndiciSentElsewhere({ headers }: UndiciRequest): boolean {
  if (!Array.isArray(headers)) return true
  if (carriesTelemetry(headerOf(headers, 'user-agent'))) return true
  return carriesTrace(headers.filter((_, at) => at % 2 === 0))
}
