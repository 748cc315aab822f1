import { expect } from 'chai'
import type { ErrorRequestHandler, RequestHandler, Response, Router } from 'express'
import express from 'express'
import { Random } from '../../fuzz/random'
import { ExpressFixture, failure, pass } from './express-fixture'
import { ask, counted } from './support'

const SEEDS = 40
const REQUESTS = 25
const WORDS = ['a', 'b', 'c']
const SEGMENTS = [...WORDS, 'v1', 'refused', 'failing', 'other']
const MOUNTS = ['/', '/a', '/b', '/c/:in', '/:at', '{/v:version}']
const ROUTES = ['/', '/a', '/b', '/:id', '/c/:id']

/** Answers with the template that the request is to be counted under. */
const tell = (response: Response, template: string, status: number) => response.status(status).end(template)

/** Fails as what hangs at a template. */
const failAs = (template: string) => Object.assign(failure(409), { template })

const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  tell(response, error.template, error.status)
}

/** An application made at random, in which everything knows its own template. */
class RandomApplication {
  constructor(private readonly random: Random) {}

  fill<R extends Router>(router: R, base: string, depth: number): R {
    if (this.random.chance(0.5)) this.#checkParameters(router, base)
    for (let count = 2 + this.random.below(4); count > 0; count--) {
      if (depth === 0 || this.random.chance(0.4)) this.#route(router, base)
      else this.#mount(router, base, depth)
    }
    if (this.random.chance(0.1)) router.use(answerError)
    return router
  }

  #route(router: Router, base: string): void {
    const path = this.random.pick(ROUTES)
    const template = joined(base, path)
    const last: RequestHandler = (_request, response) => tell(response, template, 200)
    const first = this.random.pick<RequestHandler>([
      pass,
      pass,
      (_request, _response, next) => next('route'),
      (_request, _response, next) => next(failAs(template)),
    ])
    router.get(path, first, last)
  }

  #mount(router: Router, base: string, depth: number): void {
    const path = this.random.pick(MOUNTS)
    const template = joined(base, path)
    const inner = () => this.fill(express.Router(), template === '/' ? '' : template, depth - 1)
    const hidden = this.random.below(2) === 0 ? inner() : undefined
    this.random.pick([
      () => router.use(path, pass),
      () => router.use(path, pass, inner()),
      () => router.use(path, this.fill(express().set('env', 'test'), template === '/' ? '' : template, depth - 1)),
      () =>
        router.use(path, (request, response, next) =>
          hidden === undefined ? next() : hidden(request, response, next),
        ),
      () =>
        router.use(path, async (request, response, next) => {
          await undefined
          if (hidden === undefined) next()
          else hidden(request, response, next)
        }),
    ])()
  }

  #checkParameters(router: Router, base: string): void {
    router.param('id', ({ route }, response, next, value) => {
      const template = joined(base, route.path)
      if (value === 'refused') tell(response, template, 403)
      else next(value === 'failing' ? failAs(template) : undefined)
    })
  }
}

function joined(base: string, path: string): string {
  return path === '/' ? base || '/' : base + path
}

describe('HTTP: Express applications made at random', () => {
  it('count all requests under the template of what has answered or failed, however that is nested or hidden', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const random = new Random(seed)
      const fixture = new ExpressFixture()
      new RandomApplication(random).fill(fixture.app, '', 3)
      fixture.app.use((_request, response) => tell(response, '(unmatched)', 404))
      fixture.app.use(answerError)
      const server = await fixture.serve()
      const told: Record<string, number> = {}
      for (let count = 0; count < REQUESTS; count++) {
        const path = `/${random.list(0, 4, () => random.pick(SEGMENTS)).join('/')}`
        const { body, status } = await ask(server, 'GET', path)
        const key = `GET ${body} ${status}`
        told[key] = (told[key] ?? 0) + 1
      }
      const counts = await counted(fixture.metrics, REQUESTS)
      await fixture.end()
      expect(counts, `seed ${seed}`).to.deep.equal(told)
    }
  })
})
