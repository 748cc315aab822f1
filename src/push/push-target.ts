/** Where metrics are pushed once, and how. */
export interface PushTarget {
  readonly to: 'pushgateway' | 'remote-write'
  readonly url?: string | undefined
  readonly job: string
  readonly groupingKey?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly action: 'merge' | 'replace' | 'delete'
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly timeoutMs: number
}

/** The base of a Pushgateway on this machine, and where a Prometheus there takes remote write. */
const DEFAULT_URLS = {
  pushgateway: 'http://localhost:9091',
  'remote-write': 'http://localhost:9090/api/v1/write',
} as const satisfies Record<PushTarget['to'], string>

export function urlOf({ to, url = DEFAULT_URLS[to] }: PushTarget): string {
  return url
}

/** The labels that tell what is pushed from what others push. Empty ones are as good as none. */
export function groupOf({ job, groupingKey = {} }: PushTarget): [name: string, value: string][] {
  const labels = Object.entries(groupingKey).filter(([name]) => name !== 'job')
  return [['job', job], ...labels.map(([name, value]): [string, string] => [name, String(value)])]
}
