import { channel, subscribe } from 'node:diagnostics_channel'

/** On listeners of ours, whichever copy of this package has them. */
const OWN = Symbol.for('meterkit.listener')

type Listener = (message: unknown) => void

/** Subscribes to a channel of Node.js's, so that it can be told from those of others. */
export function listen(name: string, listener: Listener): void {
  Object.defineProperty(listener, OWN, { value: true, configurable: true })
  subscribe(name, listener)
}

/** Those that listen to a channel, which Node.js keeps to itself. */
export function listenersOf(name: string): readonly { readonly name?: unknown; readonly [OWN]?: true }[] {
  return (channel(name) as { readonly _subscribers?: ReturnType<typeof listenersOf> })._subscribers ?? []
}

/** Whether anybody but us listens to a channel. */
export function isHeardByOthers(name: string): boolean {
  return listenersOf(name).some((listener) => listener[OWN] !== true)
}
