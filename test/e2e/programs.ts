import { spawnSync } from 'node:child_process'

/**
 * A suite that needs a program which npm does not install. Where the program is missing the suite is one test that says
 * so: it fails where everything must be there (CI=true) and is pending elsewhere.
 */
export function describeWithPrograms(title: string, programs: readonly string[], suite: () => void): void {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined)
  if (missing.length === 0) {
    describe(title, suite)
    return
  }
  describe(title, () => {
    it(`needs ${missing.join(' and ')}: apt-get install prometheus`, function () {
      if (process.env.CI === 'true') throw new Error(`${missing.join(' and ')} not found on the PATH`)
      this.skip()
    })
  })
}
