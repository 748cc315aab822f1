import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../src/cli/run'

function printed(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const out: string[] = []
  const code = run(args, env, {
    out: (text) => out.push(text),
    error: (text) => {
      throw new Error(text)
    },
  })
  expect(code).to.equal(0)
  return JSON.parse(out.join('\n'))
}

describe('meterkit config with a file', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'meterkit-cli-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('tells what is from the file, and what is from a variable before it; secrets of lists are masked, too', () => {
    const file = join(folder, 'metrics.yaml')
    writeFileSync(
      file,
      `file_format: "1.0"
meter_provider:
  readers:
    - pull: { exporter: { prometheus/development: { port: 9500, host: a } } }
    - periodic: { exporter: { otlp_http: { headers: [{ name: api-key, value: hush }] } } }
    - periodic: { interval: 5000, exporter: { otlp_http: { endpoint: "http://b/m" } } }
`,
    )
    expect(
      printed(['config', '--json'], { OTEL_CONFIG_FILE: file, OTEL_EXPORTER_PROMETHEUS_PORT: '0' }),
    ).to.deep.include({
      exporters: { value: ['prometheus', 'otlp'], from: file },
      'prometheus.port': { value: 0, from: 'OTEL_EXPORTER_PROMETHEUS_PORT' },
      'prometheus.host': { value: 'a', from: file },
      'otlp[0].headers': { value: { 'api-key': '****' }, from: file },
      'otlp[0].intervalMs': { value: 60_000, from: 'default' },
      'otlp[1].intervalMs': { value: 5_000, from: file },
    })
  })
})
