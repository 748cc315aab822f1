import { DefinitionError, errorText } from '../../model/errors'
import type { Logger } from '../../model/log'
import { overrideMethod } from '../override-method'
import type { BreakerRecorder } from './breaker-adapter'
import { type BreakerState, worseState } from './breaker-state'
import type { FastifyApplication, Guard, GuardOptions } from './fastify-types'
import { FastifyGuards } from './guards'
import type { BreakerKind, Subject } from './subject'

/** A Fastify application, or one of its contexts, in which @fastify/circuit-breaker is registered. */
export function fastifySubject(app: object, plugin: GuardOptions, log: Logger): Subject | undefined {
  if (!isApplication(app)) return undefined
  /** Of each measurement, apart from the application, which they must not hold. */
  let guards: FastifyGuards | undefined
  const kind: BreakerKind<FastifyApplication> = {
    state: () => guards?.states.reduce(worseState, 'closed' as BreakerState) ?? 'closed',
    watch: (instance, recorder) => {
      guards = new FastifyGuards(recorder, plugin, log)
      return watch(instance, recorder, guards)
    },
  }
  return { breaker: app, kind, parts: [] }
}

const METHODS = ['circuitBreaker', 'addHook', 'decorateRequest', 'hasRequestDecorator'] as const

function isApplication(app: object): app is FastifyApplication {
  return (
    METHODS.every((key) => typeof Reflect.get(app, key) === 'function') &&
    // Another plugin may decorate applications with that name.
    (app as FastifyApplication).hasRequestDecorator('_cbRouteId')
  )
}

/**
 * Measures the guards that `app.circuitBreaker()` makes from now on, and those made before as far as their requests tell.
 * Fastify takes hooks only before it is ready, and never gives them back: after the end they do nothing.
 */
function watch(app: FastifyApplication, recorder: BreakerRecorder, guards: FastifyGuards): () => void {
  const what = `breaker "${recorder.name}"`
  try {
    app.decorateRequest(guards.mark, undefined)
    app.addHook('onSend', (request, reply, _payload, done) => {
      guards.onSend(request, reply)
      done()
    })
    app.addHook('onError', (request, _reply, error, done) => {
      guards.onError(request, error)
      done()
    })
    app.addHook('onClose', (_instance, done) => {
      recorder.end()
      done()
    })
  } catch (error) {
    throw new DefinitionError(
      `Cannot instrument ${what}: the application must take hooks, got "${errorText(error)}". ` +
        `Instrument it after its plugins are registered and before it is ready.`,
    )
  }
  const { circuitBreaker } = app
  const override = overrideMethod(
    app,
    'circuitBreaker',
    function (this: unknown, options?: GuardOptions) {
      const make = (own: GuardOptions | undefined): Guard => Reflect.apply(circuitBreaker, this, [own])
      return guards.isStopped ? make(options) : guards.measured(make, options ?? {})
    },
    what,
  )
  return () => {
    override.restore()
    guards.stop()
  }
}
