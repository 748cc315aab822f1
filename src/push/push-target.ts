import querystring from 'node:querystring'

/** Where metrics are pushed once, and how. */
export interface PushTarget {
  readonly to: 'pushgateway' | 'remote-write'
  readonly url?: string | undefined
  readonly job: string
  readonly groupingKey?: Readonly<Record<string, string | number | boolean>> | undefined
  readonly action: 'merge' | 'replace' | 'delete'
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly nativeHistograms: boolean
  readonly timeoutMs: number
}

/** The base of a Pushgateway on this machine, and where a Prometheus there takes remote write. */
const DEFAULT_URLS = {
  pushgateway: 'http://localhost:9091',
  'remote-write': 'http://localhost:9090/api/v1/write',
} as const satisfies Record<PushTarget['to'], string>

/** What a request is sent to, and with which headers. */
export interface Address {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** User and password of a URL become a header, as `fetch` does not take them there; a header that was given goes before. */
export function addressOf({ to, url: given = DEFAULT_URLS[to], headers = {} }: PushTarget): Address {
  const url = new URL(given)
  const { username, password } = url
  if (username === '' && password === '') return { url, headers }
  url.username = ''
  url.password = ''
  const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  const basic = Buffer.from(`${querystring.unescape(username)}:${querystring.unescape(password)}`).toString('base64')
  return { url, headers: isGiven ? headers : { ...headers, authorization: `Basic ${basic}` } }
}

/** The labels that tell what is pushed from what others push. */
export function groupOf({ job, groupingKey = {} }: PushTarget): [name: string, value: string][] {
  const labels = Object.entries(groupingKey)
  return [['job', job], ...labels.map(([name, value]): [string, string] => [name, String(value)])]
}
