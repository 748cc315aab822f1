/**
 * The path of a group of the Pushgateway, `/metrics/job/nightly/instance/a`. A value that a path cannot have as it is, for
 * an empty segment, a slash or a dot that means a folder, is written in base64 (Pushgateway's documentation, "URL").
 */
export function groupingPath(labels: readonly (readonly [name: string, value: string])[]): string {
  return `/metrics${labels.map(([name, value]) => segments(name, value)).join('')}`
}

function segments(name: string, value: string): string {
  if (value !== '' && value !== '.' && value !== '..' && !value.includes('/')) {
    return `/${name}/${encodeURIComponent(value)}`
  }
  // An empty value has no base64 text, and is one sign of padding.
  return `/${name}@base64/${Buffer.from(value).toString('base64url') || '='}`
}
