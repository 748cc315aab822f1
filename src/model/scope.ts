import type { Scope } from './definition'

/** The scope of the facade's instruments, as OpenTelemetry readers see it. */
export const FACADE_SCOPE: Scope = { name: 'meterkit' }
