import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { buildFault } from '../docs/programs'

const main = join(__dirname, '../../dist/cli/main.js')

describe('The command meterkit in a process', function () {
  this.timeout(60_000)

  let folder: string
  before(() => {
    expect(buildFault()).to.equal(undefined)
    folder = mkdtempSync(join(tmpdir(), 'meterkit-env-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  function config(variables: string, env: NodeJS.ProcessEnv = {}) {
    const file = join(folder, '.env')
    writeFileSync(file, variables)
    const args = [`--env-file=${file}`, main, 'config', '--json']
    return spawnSync(process.execPath, args, { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } })
  }

  it('has the variables of a file that Node.js reads, behind those of the environment', () => {
    const { status, stdout, stderr } = config('OTEL_SERVICE_NAME=file\nMETERKIT_RUNTIME=false\n', {
      OTEL_SERVICE_NAME: 'shell',
    })
    expect(stderr).to.equal('')
    expect(JSON.parse(stdout)).to.deep.include({
      serviceName: { value: 'shell', from: 'OTEL_SERVICE_NAME' },
      runtime: { value: false, from: 'METERKIT_RUNTIME' },
    })
    expect(status).to.equal(0)
  })

  it('says what cannot be on standard error, and ends with 1', () => {
    const { status, stdout, stderr } = config('METERKIT_RUNTIME=no\n')
    expect(stderr).to.equal(
      'meterkit: error: METERKIT_RUNTIME must be true or false, got "no". Unset it for the default.\n',
    )
    expect(stdout).to.equal('')
    expect(status).to.equal(1)
  })
})
