import { METHODS } from 'node:http'
import type { Random } from '../fuzz/random'

/** A server without a listener for it closes the connection. */
const SENDABLE = METHODS.filter((method) => method !== 'CONNECT')
/** All that Node.js takes in a target. */
const TARGETS = String.fromCharCode(...Array.from({ length: 127 - 33 }, (_, index) => 33 + index))

/** One well-formed request that asks for some method, target, host and status code. */
export function requestOf(random: Random, isLast: boolean): string {
  const method = random.chance(0.7) ? random.pick(['GET', 'POST', 'HEAD']) : random.pick(SENDABLE)
  const host = random.chance(0.2) ? textOf(random, 60).replaceAll(/[^\w.:-]/g, '') : 'service'
  const head = `${method} ${targetOf(random)} HTTP/1.1\r\nHost: ${host}\r\nX-Status: ${200 + random.below(800)}\r\n`
  return `${head}Content-Length: 0\r\n${isLast ? 'Connection: close\r\n' : ''}\r\n`
}

function targetOf(random: Random): string {
  switch (random.below(8)) {
    case 0:
      return `/org/${textOf(random, 12).replaceAll(/[/?#%]/g, '')}/users/${random.below(1e9)}`
    case 1:
      return `/files/${textOf(random, 40)}`
    case 2:
      return `/mount/${textOf(random, 40)}`
    case 3:
      return `/${random.below(1e9).toString(36)}`
    case 4:
      return `http://${random.below(1e9).toString(36)}.example/${textOf(random, 20)}`
    case 5:
      return `/${random.below(1e9)}/${textOf(random, 3)}/${random.below(1e9).toString(16)}?${textOf(random, 30)}`
    default:
      return `/${textOf(random, random.chance(0.01) ? 2000 : 80)}`
  }
}

function textOf(random: Random, most: number): string {
  let text = ''
  for (let left = random.below(most); left > 0; left--) text += TARGETS[random.below(TARGETS.length)]
  return text
}
