import type { MeterProvider, Span } from '@opentelemetry/api'
import type { HttpModule } from './traced-module'
import type { UndiciRequest } from './traced-undici'

/** An instrumentation of OpenTelemetry's, as far as it is used here. It is at work once it is made, unless it is disabled. */
export interface Instrumentation {
  setMeterProvider(provider: MeterProvider): void
  disable(): void
}

/** What is patched in a module, by which the base package has an instrumentation wrap it. */
export interface ModuleDefinition {
  readonly name: string
  patch(exports: HttpModule): unknown
}

export interface HttpInstrumentation extends Instrumentation {
  init(): readonly ModuleDefinition[]
}

export interface HttpConfig {
  readonly enabled: boolean
  /** Has the span and the request, of either direction. */
  readonly requestHook: (span: Span, request: object) => void
}

export interface UndiciConfig {
  readonly ignoreRequestHook: (request: UndiciRequest) => boolean
  readonly requestHook: () => void
}

/** The packages, with the class that each has. */
export const HTTP = '@opentelemetry/instrumentation-http'
export const UNDICI = '@opentelemetry/instrumentation-undici'

export interface HttpPackage {
  readonly HttpInstrumentation?: new (config: HttpConfig) => HttpInstrumentation
}

export interface UndiciPackage {
  readonly UndiciInstrumentation?: new (config: UndiciConfig) => Instrumentation
}
