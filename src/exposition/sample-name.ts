import { isPlainName } from '../model/escaping'
import { Bytes } from './bytes'
import { quotedName } from './quoted'

/** The name of a sample as its lines begin: `orders{` and `orders `, or `{"größe",` and `{"größe"} `. */
export class SampleName {
  /** What stands before labels. */
  readonly opening: Bytes
  /** What stands before the value of a sample without labels. */
  readonly bare: Bytes

  constructor(name: string) {
    const isPlain = isPlainName(name)
    this.opening = new Bytes(isPlain ? `${name}{` : `{${quotedName(name)},`)
    this.bare = new Bytes(isPlain ? `${name} ` : `{${quotedName(name)}} `)
  }

  /** The most bytes of it. */
  get length(): number {
    return Math.max(this.opening.length, this.bare.length)
  }
}
