/** Binary places of the numbers that bounds are worked out with: so many more than a double's 52 that no bound is near enough to a double to be taken for another. */
const PLACES = 128n

/** `2 ** 2 ** -level` by level, with {@link PLACES}; made as far as they are asked for. */
const roots: bigint[] = []

/**
 * The greatest double that is not above `2 ** (step / 2 ** scale)`: a double is above the bound if, and only if, it is
 * above this one. Exact, and slow. `step` is at least 0 and at most `2 ** scale`, `scale` at least 0.
 */
export function boundBelow(step: number, scale: number): number {
  let bound = 1n << PLACES
  for (let level = 0; level <= scale; level++) {
    if ((step >> (scale - level)) & 1) bound = (bound * rootOf(level)) >> PLACES
  }
  return Number(bound >> (PLACES - 52n)) * 2 ** -52
}

function rootOf(level: number): bigint {
  if (roots.length === 0) roots.push(2n << PLACES)
  for (let next = roots.length; next <= level; next++) roots.push(squareRoot((roots[next - 1] as bigint) << PLACES))
  return roots[level] as bigint
}

/** The whole part of a square root, by Newton's method from above. */
function squareRoot(square: bigint): bigint {
  let root = 1n << (PLACES + 1n)
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
