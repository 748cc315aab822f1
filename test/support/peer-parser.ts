import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A sample as the peer read it; labels in alphabetical order. */
export interface PeerSample {
  readonly name: string
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
  /** Only OpenMetrics has them. */
  readonly exemplar?: PeerExemplar
}

export interface PeerExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[]
  readonly value: number
  /** In seconds. */
  readonly timestamp: number
}

/** A family as the peer read it. Its parser of text 0.0.4 names counters without `_total`, too. */
export interface PeerFamily {
  readonly name: string
  readonly type: string
  readonly help: string
  readonly unit: string
  readonly samples: readonly PeerSample[]
}

type Answer = { readonly error: string } | { readonly families: readonly RawFamily[] }
interface RawFamily extends Omit<PeerFamily, 'samples'> {
  readonly samples: readonly RawSample[]
}
interface RawSample extends Omit<PeerSample, 'value' | 'exemplar'> {
  readonly value: string
  readonly exemplar?: Omit<PeerExemplar, 'value' | 'timestamp'> & { readonly value: string; readonly timestamp: string }
}

const MODULE = 'prometheus_client.openmetrics.parser'

/** The Python that has Debian's package: another may stand before the distribution's own on the path. */
export function findPython(): string | undefined {
  return ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', `import ${MODULE}`]).status === 0)
}

/** The parsers of python3-prometheus-client in one process that reads page after page. */
export class PeerParser {
  readonly #process: ChildProcessWithoutNullStreams
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = []
  readonly #asked: { readonly format: string; readonly page: string }[] = []
  #said = ''

  constructor(python: string) {
    this.#process = spawn(python, [join(__dirname, 'parse-exposition.py')])
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text
    })
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      for (const answer of JSON.parse(line) as Answer[]) this.#waiting.shift()?.resolve(answer)
    })
    this.#process.on('close', (status) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`The parser ended (${status}): ${this.#said}`))
    })
  }

  /** The families of a page. Rejects with the parser's own words where it does not take the page. */
  async parse(format: 'text' | 'openmetrics', page: Uint8Array | string): Promise<PeerFamily[]> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#asked.length === 0) setImmediate(() => this.#ask())
      this.#asked.push({ format, page: Buffer.from(page).toString('base64') })
    })
    if ('error' in answer) throw new Error(answer.error)
    return answer.families.map((family) => ({
      ...family,
      samples: family.samples.map(sampleOf),
    }))
  }

  /** What was asked for in one turn of the event loop goes out as one line. */
  #ask(): void {
    this.#process.stdin.write(`${JSON.stringify(this.#asked.splice(0))}\n`)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return
    await new Promise<void>((resolve) => {
      this.#process.once('close', () => resolve())
      this.#process.stdin.end()
    })
  }
}

function sampleOf({ exemplar, ...sample }: RawSample): PeerSample {
  const value = numberOf(sample.value)
  if (exemplar === undefined) return { ...sample, value }
  const { labels } = exemplar
  return {
    ...sample,
    value,
    exemplar: { labels, value: numberOf(exemplar.value), timestamp: numberOf(exemplar.timestamp) },
  }
}

/** Python's rendering of a float. */
function numberOf(text: string): number {
  switch (text) {
    case 'inf':
      return Number.POSITIVE_INFINITY
    case '-inf':
      return Number.NEGATIVE_INFINITY
    default:
      return Number(text)
  }
}

/**
 * A suite whose pages are read by a parser that is not ours. Where it is not installed the suite is one test that says
 * so: it fails where everything must be there (CI=true) and is pending elsewhere.
 */
export function describeWithPeerParser(title: string, suite: (parser: () => PeerParser) => void): void {
  const python = findPython()
  describe(title, () => {
    if (python === undefined) {
      it('needs a parser: apt-get install python3-prometheus-client', function () {
        if (process.env.CI === 'true') throw new Error(`No python3 has the module ${MODULE}`)
        this.skip()
      })
      return
    }
    let parser: PeerParser
    before(() => {
      parser = new PeerParser(python)
    })
    after(() => parser.stop())
    suite(() => parser)
  })
}
