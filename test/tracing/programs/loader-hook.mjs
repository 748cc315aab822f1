/** Has OpenTelemetry's instrumentations wrap what ES modules import, as its documentation says. */
import { register } from 'node:module'

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
