import { DefinitionError } from '../model/errors'

/** Any method, as it is called by whoever has the object. */
export type Method = (this: unknown, ...args: never[]) => unknown

/** A method of one object that stands before another one of the same name. */
export interface Override {
  /**
   * Puts the property back as it was: the own property with its descriptor, or none. Where the method has been overridden
   * since, it cannot be taken out of the chain and stays until the later override is restored, if that is one of ours:
   * it must be ready to pass calls on.
   */
  restore(): void
}

/**
 * For whoever overrides a method only later, when an error would come too late.
 *
 * @throws DefinitionError when the object takes no new properties.
 */
export function assertExtensible(target: object, what: string): void {
  if (Object.isExtensible(target)) return
  throw new DefinitionError(
    `Cannot instrument ${what}: object must take new properties, got one that does not. ` +
      `Do not freeze or seal the object, or instrument it before that.`,
  )
}

/** Methods that were taken back while another stood before them, with what they had replaced themselves. */
const retired = new WeakMap<object, { readonly previous: PropertyDescriptor | undefined }>()

/**
 * Puts a method before `target[key]`, as an own property of this one object: prototypes and other objects are not
 * touched. The property is enumerable only if one stood there that was. `what` names the object in the error.
 *
 * @throws DefinitionError when the object is frozen or the property cannot be changed.
 */
export function overrideMethod(target: object, key: string, method: Method, what: string): Override {
  const previous = Object.getOwnPropertyDescriptor(target, key)
  const descriptor: PropertyDescriptor = {
    value: method,
    writable: true,
    configurable: true,
    enumerable: previous?.enumerable ?? false,
  }
  if (!Reflect.defineProperty(target, key, descriptor)) {
    throw new DefinitionError(
      `Cannot instrument ${what}: property ${key} must be changeable, got one that is not. ` +
        `Do not freeze or seal the object, or instrument it before that.`,
    )
  }
  return {
    restore() {
      if (Object.getOwnPropertyDescriptor(target, key)?.value !== method) {
        retired.set(method, { previous })
        return
      }
      let before = previous
      for (let old = retired.get(before?.value); old !== undefined; old = retired.get(before?.value))
        before = old.previous
      if (before === undefined) Reflect.deleteProperty(target, key)
      else Reflect.defineProperty(target, key, before)
    },
  }
}

/** Overrides several methods, all or none; {@link Override.restore} puts all of them back. */
export function overrideMethods(target: object, methods: Readonly<Record<string, Method>>, what: string): Override {
  const overrides: Override[] = []
  const restore = () => {
    for (const override of overrides.splice(0).reverse()) override.restore()
  }
  try {
    for (const [key, method] of Object.entries(methods)) overrides.push(overrideMethod(target, key, method, what))
  } catch (error) {
    restore()
    throw error
  }
  return { restore }
}
