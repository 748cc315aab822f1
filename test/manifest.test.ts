import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'

const root = join(__dirname, '..')

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}

/** Each folder that is installed by itself: the library, and the tools that are kept out of its development install. */
const folders = ['.', 'bench', ...readdirSync(join(root, 'test')).map((folder) => `test/${folder}`)].filter((folder) =>
  existsSync(join(root, folder, 'package.json')),
)

for (const folder of folders) {
  describe(`${join(folder, 'package.json')} and its lockfile`, () => {
    const manifest = readJson<Manifest>(join(folder, 'package.json'))
    const { packages } = readJson<{ packages: Record<string, LockedPackage> }>(join(folder, 'package-lock.json'))
    const locked = Object.entries(packages).filter(([path]) => path.startsWith('node_modules/'))

    it('names exact versions, because an older npm resolves a range to an older major', () => {
      const ranges = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
        ([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
      )
      expect(ranges).to.deep.equal([])
    })

    it('pins every package by version and hash and names no registry', () => {
      expect(locked.length).to.be.greaterThan(0)
      const loose = locked.filter(
        ([, one]) => one.link !== true && (one.version === undefined || one.integrity === undefined),
      )
      expect(loose.map(([path]) => path)).to.deep.equal([])
      expect(locked.filter(([, one]) => one.resolved !== undefined).map(([path]) => path)).to.deep.equal([])
    })

    // Instrumentations of others bring the versions that they were made with, as they do to applications.
    if (['bench', 'test/frameworks', 'test/tracing'].includes(folder)) return

    it('holds one copy of each OpenTelemetry package', () => {
      const nested = locked
        .map(([path]) => path)
        .filter((path) => /node_modules\/.*node_modules\/@opentelemetry\//.test(path))
      expect(nested).to.deep.equal([])
    })
  })
}

describe('package.json', () => {
  const manifest = readJson<Manifest>('package.json')
  const { packages } = readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json')

  it('gives users no install script, neither its own nor one of a dependency', () => {
    const installing = Object.entries(packages).filter(([, one]) => one.hasInstallScript === true && one.dev !== true)
    expect(installing.map(([path]) => path)).to.deep.equal([])
    expect(manifest.scripts).not.to.have.any.keys('preinstall', 'install', 'postinstall', 'prepare')
  })

  it('brings users none of the libraries that it measures', () => {
    const measured = ['test/breakers', 'test/brokers'].flatMap((folder) =>
      Object.keys(readJson<Manifest>(`${folder}/package.json`).devDependencies ?? {}),
    )
    const shipped = Object.entries(packages).filter(
      ([path, one]) => path.startsWith('node_modules/') && one.dev !== true,
    )
    const names = shipped.map(([path]) => path.slice('node_modules/'.length))
    expect(names).not.to.include.any.members(['opossum', 'cockatiel', ...measured])
    expect(measured).to.include.members(['mollitia', 'brakes', '@fastify/circuit-breaker', 'bullmq', 'kafkajs'])
  })

  it('develops against the oldest api that it accepts, and leaves the choice of the api to the application', () => {
    const range = manifest.peerDependencies?.['@opentelemetry/api'] ?? ''
    expect(range).to.match(/^>=\d/)
    expect(range.split(' ')[0]).to.equal(`>=${manifest.devDependencies?.['@opentelemetry/api']}`)
    expect(manifest.dependencies).not.to.have.property('@opentelemetry/api')
  })
})
