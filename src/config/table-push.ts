import { isPlainLabel } from '../model/escaping'
import { delay, type Entry, flag, namedValues, oneOf, PLAIN_ENTRY, text } from './kind'
import { headers, url } from './kind-request'
import type { Options } from './option'
import { PUSH_ACTIONS, PUSH_RECEIVERS, type PushOptions } from './options'

/** `job` is an option of its own, `le` tells buckets apart, and two underscores begin what is Prometheus's. */
const GROUPING_ENTRY: Entry = {
  ...PLAIN_ENTRY,
  wanted: 'a string, a number or a boolean, by a label name other than job and le',
  holds: (value, name) => PLAIN_ENTRY.holds(value, name) && isPlainLabel(name) && !/^(job|le|__.*)$/.test(name),
}

export const PUSH: Options<PushOptions> = {
  to: { kind: oneOf(PUSH_RECEIVERS), default: 'pushgateway' },
  url: { kind: url() },
  job: { kind: text('a name', /./) },
  groupingKey: {
    kind: namedValues('an object of strings, numbers and booleans by label name, without job and le', GROUPING_ENTRY),
    isMerged: true,
  },
  action: { kind: oneOf(PUSH_ACTIONS), default: 'merge' },
  nativeHistograms: { kind: flag(), default: false },
  headers: { kind: headers(), isSecret: true },
  timeoutMs: { kind: delay(), default: 10_000 },
}
