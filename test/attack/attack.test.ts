import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { DEFAULT_MAX_PATHS } from '../../src/model/http-options'
import { describeWithPrograms } from '../e2e/programs'
import { Random } from '../fuzz/random'
import { samplesOf } from '../support/page'
import { describeWithPeerParser } from '../support/peer-parser'
import { requestOf } from './requests'
import type { Question, Reply, Targets } from './server'

/** How many requests are sent; `npm run test:attack` sends a million. */
const REQUESTS = Number(process.env.ATTACK_REQUESTS ?? 20_000)
const SEED = Number(process.env.ATTACK_SEED ?? 1)

const REQUESTS_A_CONNECTION = 250
const CONNECTIONS = 8
/** The part of the attack that makes the series. */
const WARM_UP = 0.5
/** For each method, path and code that is met together, what records it is kept: some meet late. */
const HEAP_NOISE_BYTES = 4 * 2 ** 20

/** As a metric has by default, with the one that takes what comes after. */
const MOST_SERIES = 2_001
/** Those that have a label of their own, and `_OTHER`. */
const MOST_METHODS = 11
const ROUTES = ['/files/*path', '/mount', '/org/:org/users/:user']
const MARKS = ['(other)', '(unmatched)', '*']

describe(`${REQUESTS} requests with random methods, targets, hosts and status codes`, function () {
  this.timeout(900_000)
  const random = new Random(SEED)
  let child: ChildProcess
  let targets: Targets
  let page: string
  let grownBytes: number

  async function ask(question: Question): Promise<Reply> {
    child.send(question)
    return await nextMessage<Reply>(child)
  }

  async function attack(requests: number): Promise<void> {
    let left = Math.ceil(requests / REQUESTS_A_CONNECTION)
    const attacker = async () => {
      while (left-- > 0) await sendTogether(random.chance(0.5) ? targets.bare : targets.express, random)
    }
    await Promise.all(Array.from({ length: CONNECTIONS }, attacker))
  }

  before(async () => {
    child = fork(join(__dirname, 'server.ts'), {
      // Express warns of targets that are no URLs.
      execArgv: ['--expose-gc', '--no-deprecation', '--require', 'ts-node/register/transpile-only'],
    })
    targets = await nextMessage<Targets>(child)
    await attack(REQUESTS * WARM_UP)
    await ask('page')
    const before = await ask('heap')
    await attack(REQUESTS * (1 - WARM_UP))
    page = String(await ask('page'))
    grownBytes = Number(await ask('heap')) - Number(before)
  })

  after(() => {
    child?.kill('SIGKILL')
  })

  it('are all counted, and none stays in flight', () => {
    let counted = 0
    let open = 0
    for (const [series, value] of samplesOf(page)) {
      if (series.startsWith('http_requests_total{')) counted += value
      if (series.startsWith('http_requests_in_flight{')) open += value
    }
    expect([counted, open]).to.deep.equal([REQUESTS, 0])
  })

  it('make a bounded number of series, paths, methods and status codes', () => {
    const series = page.split('\n').filter((line) => line.startsWith('http_requests_total{'))
    const values = (label: string) =>
      new Set(series.map((line) => new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1] ?? ''))
    expect(series.length).to.be.within(1000, MOST_SERIES)
    expect(values('method').size).to.be.within(2, MOST_METHODS + 1)
    const paths = values('path')
    expect(paths.size).to.be.within(DEFAULT_MAX_PATHS, DEFAULT_MAX_PATHS + ROUTES.length + MARKS.length + 1)
    expect([...paths]).to.include.members([...ROUTES, '(other)', '(unmatched)'])
    const strange = [...values('status_code')].filter((text) => !/^([2-5]\d\d|_OTHER|)$/.test(text))
    expect(strange).to.deep.equal([])
  })

  it('leave the memory as it was', () => {
    console.log(`      the heap of the second half grew by ${Math.round(grownBytes / 1024)} KiB`)
    expect(grownBytes).to.be.below(HEAP_NOISE_BYTES)
  })

  describeWithPrograms('promtool', ['promtool'], () => {
    it('finds nothing to complain of on the page', () => {
      const check = spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' })
      expect([check.stdout, check.stderr, check.status]).to.deep.equal(['', '', 0])
    })
  })

  describeWithPeerParser('a parser that is not ours', (parser) => {
    it('reads the page', async () => {
      const families = await parser().parse('text', page)
      expect(families.map(({ name }) => name)).to.include('http_request_duration_seconds')
    })
  })
})

/** Sends a connection's worth of requests in one piece, and reads until the server closes. */
async function sendTogether(port: number, random: Random): Promise<void> {
  let requests = ''
  for (let at = 1; at <= REQUESTS_A_CONNECTION; at++) requests += requestOf(random, at === REQUESTS_A_CONNECTION)
  const socket = connect(port, '127.0.0.1')
  socket.resume().end(requests, 'latin1')
  await once(socket, 'close')
}

async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController()
  const { signal } = over
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('The attacked process has ended.')
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended])
    return message
  } finally {
    over.abort()
    ended.catch(() => {})
  }
}
