import { isPlainLabel } from '../model/escaping'
import { delay, isObject, namedValues, oneOf, PLAIN_ENTRY, text } from './kind'
import { headers, url } from './kind-request'
import type { Options } from './option'
import { PUSH_ACTIONS, PUSH_RECEIVERS, type PushOptions } from './options'

const plain = namedValues<string | number | boolean>(
  'an object of strings, numbers and booleans by label name, without job and le',
  PLAIN_ENTRY,
)

/** `job` is an option of its own, `le` tells buckets apart, and two underscores begin what is Prometheus's. */
const isGroupingLabel = (name: string): boolean => isPlainLabel(name) && !/^(job|le|__.*)$/.test(name)

export const PUSH: Options<PushOptions> = {
  to: { kind: oneOf(PUSH_RECEIVERS), default: 'pushgateway' },
  url: { kind: url() },
  job: { kind: text('a name', /./) },
  groupingKey: {
    kind: {
      ...plain,
      holds: (value) => plain.holds(value) && isObject(value) && Object.keys(value).every(isGroupingLabel),
    },
    isMerged: true,
  },
  action: { kind: oneOf(PUSH_ACTIONS), default: 'merge' },
  headers: { kind: headers(), isSecret: true },
  timeoutMs: { kind: delay(), default: 10_000 },
}
