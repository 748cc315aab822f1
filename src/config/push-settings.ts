import { type Decided, stated, withDefaults } from './defaults'
import type { PushOptions } from './options'
import { PUSH } from './table-push'

/** Where to push and how, with nothing left open that has a default. */
export type PushSettings = Decided<PushOptions, 'to' | 'action' | 'nativeHistograms' | 'timeoutMs'>

/** What a call says, before what the service's options say. */
export function pushSettings(call: PushOptions, service: PushOptions = {}): PushSettings {
  return withDefaults({ ...service, ...stated(call) }, PUSH) as PushSettings
}
