import { spawnSync } from 'node:child_process'
import { newerProgram } from './newer-debian'

const PROMETHEUS_3 = ['prometheus', '3'] as const

/** A Prometheus that can be run here. */
export interface Version {
  /** As it says itself: `3.5.3`. */
  readonly number: string
  readonly command: string
  /** Whether it takes names of any characters as they are. */
  readonly takesUtf8: boolean
}

/** A suite for the machine's own Prometheus, and for one of version 3 where that is another. */
export function describeEachPrometheus(title: string, suite: (version: Version) => void): void {
  const own = versionOf('prometheus')
  const newer = own?.takesUtf8 ? own : versionOf(newerProgram(...PROMETHEUS_3).command ?? '')
  const versions = new Set([own, newer])
  for (const version of versions) if (version) describe(`${title}: Prometheus ${version.number}`, () => suite(version))
  const mends = [own ? [] : ['apt-get install prometheus'], newer ? [] : [newerProgram(...PROMETHEUS_3).mend]].flat()
  for (const mend of mends) {
    it(`${title} needs a Prometheus: ${mend}`, function () {
      if (process.env.CI === 'true') throw new Error(`A Prometheus is missing: ${mend}`)
      this.skip()
    })
  }
}

function versionOf(command: string): Version | undefined {
  if (command === '') return undefined
  const { stdout, stderr } = spawnSync(command, ['--version'], { encoding: 'utf8' })
  const [, number] = /^prometheus, version ([\d.]+)/m.exec(`${stdout}${stderr}`) ?? []
  return number === undefined ? undefined : { number, command, takesUtf8: Number.parseInt(number, 10) >= 3 }
}
