import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pack } from '../package/tarball'

/** Has the packed package stand among the packages of this folder, as an application has it. */
export function install(): void {
  const { folder, path } = pack()
  const place = join(__dirname, 'node_modules/meterkit')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(place, { recursive: true })
  execFileSync('tar', ['-xzf', path, '-C', place, '--strip-components=1'])
  rmSync(folder, { recursive: true, force: true })
}

export interface Span {
  /** 1 for servers, 2 for clients. */
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly path: string
}

/** What a program of `programs/traffic.cjs` found. */
export interface Found {
  readonly counts: readonly string[]
  readonly inFlight: readonly string[]
  /** Of the histogram that OpenTelemetry's semantic conventions have for servers. */
  readonly conventional: readonly string[]
  readonly exemplars: readonly string[]
  readonly families: readonly string[]
  readonly spans: readonly Span[]
  /** How many requests carried a trace to the second server. */
  readonly propagated: number
  /** The files of instrumentations that were loaded. */
  readonly loaded: readonly string[]
}

/** Runs a program in this folder, which must end by itself and print JSON; gives that and what it complained about. */
export function run(
  source: string,
  {
    flags = [],
    env = {},
    type = 'commonjs',
  }: {
    readonly flags?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
    readonly type?: 'commonjs' | 'module'
  } = {},
): Found & { readonly complaints: string } {
  const child = spawnSync(process.execPath, [...flags, `--input-type=${type}`, '--eval', source], {
    cwd: __dirname,
    encoding: 'utf8',
    timeout: 50_000,
    env: { ...process.env, OTEL_EXPORTER_PROMETHEUS_PORT: '0', ...env },
  })
  expect(child.status, child.stderr).to.equal(0)
  const complaints = child.stderr.replaceAll(/^meterkit: metrics are at .*\n/gm, '')
  return { ...(JSON.parse(child.stdout) as Found), complaints }
}
