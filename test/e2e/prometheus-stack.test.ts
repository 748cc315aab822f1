import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { describeWithPrograms } from './programs'
import { startPrometheus } from './prometheus'
import { describeEachPrometheus } from './prometheus-versions'

const config = readFileSync(resolve(__dirname, '../../otel-config/prometheus-stack.yml'), 'utf8')

describeEachPrometheus('otel-config/prometheus-stack.yml', ({ takesUtf8, command }) => {
  // Version 2 of Debian stable does not know the section for OTLP.
  if (!takesUtf8) return

  it('is what a Prometheus 3 starts with, which would refuse what cannot be', async function () {
    this.timeout(60_000)
    const prometheus = await startPrometheus(config, [], command)
    try {
      const response = await fetch(`${prometheus.url}/api/v1/status/config`)
      const { data } = (await response.json()) as { data: { yaml: string } }
      for (const section of ['otlp', 'remote_write', 'rule_files'])
        expect(data.yaml).to.match(new RegExp(`^${section}:`, 'm'))
      expect(data.yaml.match(/^- job_name: .*/gm)).to.have.length(4)
    } finally {
      await prometheus.stop()
    }
    const wrong = config.replace('translation_strategy: Under', 'translation_strategy: Over')
    const refused = await startPrometheus(wrong, [], command).then(
      (started) => started.stop().then(() => undefined),
      (error: Error) => error.message,
    )
    expect(refused).to.match(/unsupported OTLP translation strategy/)
  })
})

describeWithPrograms('otel-config/prometheus-stack.yml and promtool', ['promtool'], () => {
  it('agree, but for the OTLP receiver, which the promtool of Debian stable may not know', () => {
    const folder = mkdtempSync(join(tmpdir(), 'prometheus-stack-'))
    try {
      const rules = readFileSync(resolve(__dirname, '../../otel-config/breaker-alerts.yml'))
      writeFileSync(join(folder, 'breaker-alerts.yml'), rules)
      writeFileSync(join(folder, 'prometheus.yml'), config.replace(/^otlp:\n( .*\n)+/m, ''))
      const args = ['check', 'config', join(folder, 'prometheus.yml')]
      const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' })
      expect(status, stdout + stderr).to.equal(0)
      expect(stdout).to.match(/SUCCESS: \d+ rules found/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
