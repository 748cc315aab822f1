/** Whether an object has methods of all these names: how libraries are told apart without loading them. Never throws. */
export function hasMethods(value: unknown, ...names: readonly string[]): value is object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  try {
    return names.every((name) => typeof Reflect.get(value, name) === 'function')
  } catch {
    // A getter or a proxy that does not like to be asked.
    return false
  }
}
