/**
 * The class of whatever was thrown, for a label: the constructor's name, never a message, so that the values are as few
 * as the program's error classes. What is not an object gives its type (`string`, `undefined`, …).
 */
export function errorClass(error: unknown): string {
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') {
    return error === null ? 'null' : typeof error
  }
  try {
    const name: unknown = error.constructor?.name
    if (typeof name === 'string' && name !== '') return name
  } catch {
    // A proxy or a getter that throws has no class to tell.
  }
  return '(anonymous)'
}
