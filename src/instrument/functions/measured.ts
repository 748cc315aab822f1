import type { Instruments } from '../../facade/instruments'
import { DefinitionError, errorText, received } from '../../model/errors'
import { checkName } from './check-arguments'
import { measure } from './measure'
import { type AnyFunction, dressed } from './wrap'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Decorates a method, with standard decorators and with TypeScript's earlier `experimentalDecorators`. */
export interface MeasuredDecorator {
  <This, Args extends unknown[], Result>(
    method: (this: This, ...args: Args) => Result,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Result>,
  ): (this: This, ...args: Args) => Result
  <F extends AnyFunction>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<F>): void
}

/**
 * Decorates a method so that its calls are measured, by the service that there is when it is called: a class is made
 * before the application starts. Without a service it is called as it is.
 *
 * `name` is the `function` label. Default: class and method, `Orders.place`.
 */
export function measuredBy(service: () => Instruments | undefined, name?: string): MeasuredDecorator {
  if (name !== undefined) checkName('method', name, "@measured('orders.place')")
  const decorate = (target: unknown, where: unknown, descriptor?: PropertyDescriptor): unknown => {
    if (typeof where === 'object' && where !== null) {
      const { kind, name: key } = where as { readonly kind?: unknown; readonly name: string | symbol }
      if (kind !== 'method') throw notMethod(key, kind)
      return measuredMethod(service, target as Method, (self, made) => name ?? fullName(ownerOf(self, key, made), key))
    }
    const key = where as string | symbol
    if (typeof descriptor?.value !== 'function')
      throw notMethod(key, descriptor === undefined ? 'property' : 'accessor')
    descriptor.value = measuredMethod(service, descriptor.value, () => name ?? fullName(target, key))
    return undefined
  }
  return decorate as MeasuredDecorator
}

/** The method as it is called for the first time with a service: `nameOf` is told its `this`, and what stands for the method. */
function measuredMethod(
  service: () => Instruments | undefined,
  method: Method,
  nameOf: (self: unknown, made: Method) => string,
): Method {
  let measuring: Instruments | undefined
  let call = method
  const decorated = dressed(function (this: unknown, ...args: unknown[]): unknown {
    const current = service()
    if (current === undefined) return method.apply(this, args)
    if (current !== measuring) {
      measuring = current
      call = measuredWhereItCanBe(current, () => nameOf(this, decorated), method)
    }
    return call.apply(this, args)
  }, method)
  return decorated
}

/** A call is no time to throw at whoever calls: the class was made long ago. */
function measuredWhereItCanBe(metrics: Instruments, nameOf: () => string, method: Method): Method {
  try {
    return measure(metrics, nameOf(), method)
  } catch (error) {
    metrics.log.error(`a method decorated with @measured() is not measured: ${errorText(error)}`)
    return method
  }
}

/** The class or the prototype that has a method, found from an instance or a class; of a private method, the instance. */
function ownerOf(self: unknown, key: string | symbol, method: Method): unknown {
  if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return undefined
  for (let owner: object | null = self; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.getOwnPropertyDescriptor(owner, key)?.value === method) return owner
  }
  return self
}

/** `Class.method`, of the class or of what its instances are. */
function fullName(owner: unknown, key: string | symbol): string {
  const method = typeof key === 'symbol' ? `[${key.description}]` : key
  const named: unknown = typeof owner === 'function' ? owner : (owner as object | undefined)?.constructor
  const name = typeof named === 'function' ? named.name : ''
  return name === '' ? method : `${name}.${method}`
}

function notMethod(key: unknown, kind: unknown): DefinitionError {
  return new DefinitionError(
    `Cannot measure ${received(String(key))}: what @measured() decorates must be a method, got ${received(kind)}. Use metrics.measure(name, fn) for a function.`,
  )
}
