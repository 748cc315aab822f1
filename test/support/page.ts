/** The samples of a text page by series, labels in alphabetical order: `name{a="1",b="2"}`, or `name` without labels. */
export function samplesOf(page: string): Map<string, number> {
  const samples = new Map<string, number>()
  for (const line of page.split('\n')) {
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) continue
    const pairs = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([pair]) => pair).sort()
    samples.set(pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`, Number(value))
  }
  return samples
}

/** By how much the series whose names match have changed from one page to the next; those that have not are left out. */
export function changes(before: string, after: string, name: RegExp): Record<string, number> {
  const old = samplesOf(before)
  const changed = [...samplesOf(after)]
    .filter(([series]) => name.test(series))
    .map(([series, value]) => [series, value - (old.get(series) ?? 0)] as const)
    .filter(([, change]) => change !== 0)
  return Object.fromEntries(changed)
}
