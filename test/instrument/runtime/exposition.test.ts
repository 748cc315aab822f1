import { expect } from 'chai'
import { createMetrics } from '../../../src/init'
import { instrumentRuntime } from '../../../src/instrument/runtime/runtime'
import { expositionComment } from '../../support/exposition-comment'
import { completePage } from './complete-page'

const FILES = ['event-loop', 'garbage-collection', 'memory', 'process', 'resources'].map(
  (name) => `src/instrument/runtime/${name}.metrics.ts`,
)

/** What of a page stays the same from run to run: HELP and TYPE lines, and each sample's name with its label names. */
function shapeOf(page: string): string[] {
  const lines = page.split('\n').filter((line) => line !== '')
  return [...new Set(lines.map((line) => (line.startsWith('#') ? line : sampleShape(line))))].sort()
}

function sampleShape(line: string): string {
  const [, name, labels = ''] = /^([\w:]+)(?:\{(.*)\})? /.exec(line) ?? []
  return `${name} {${[...labels.matchAll(/(\w+)="/g)].map(([, label]) => label).join(',')}}`
}

describe('runtime metrics', () => {
  it('are, taken together, what the comments of their files show', async () => {
    const metrics = createMetrics({ serviceName: 'runtime', exporters: [], http: false, runtime: false })
    const runtime = instrumentRuntime(metrics)
    const page = await completePage(metrics)
    runtime.stop()
    await metrics.shutdown()

    const promised = FILES.flatMap((file) => shapeOf(expositionComment(file)))
    const shown = shapeOf(page).filter((line) => /^(# (HELP|TYPE) )?(nodejs|process)_/.test(line))
    expect(shown).to.deep.equal([...new Set(promised)].sort())
  })
})
