import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { expect } from 'chai'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import express from 'express'
import type { MetricsService } from '../../../src/init'
import { ask, counted, Fixture, inFlightOf } from './support'

export const answer: RequestHandler = (_request, response) => {
  response.end('ok')
}

export const pass: RequestHandler = (_request, _response, next) => next()

export const notFound: RequestHandler = (_request, response) => {
  response.status(404).end('nothing here')
}

export const answerError: ErrorRequestHandler = (error, _request, response, _next) => {
  response.status(error.status ?? 500).end('failed')
}

export function failure(status: number): Error {
  return Object.assign(new Error(`failed with ${status}`), { status, expose: true })
}

/** An Express application, and a service that measures it. */
export class ExpressFixture extends Fixture {
  readonly app: Express = express().set('env', 'test')
  readonly metrics: MetricsService = this.service()

  async serve(): Promise<Server> {
    const server = createServer(this.app)
    await this.started(server)
    return server
  }

  /** Asks for each `METHOD /path` in turn and gives what was counted. */
  async countsOf(...requests: string[]): Promise<Record<string, number>> {
    const server = await this.serve()
    for (const request of requests) {
      const [method = '', path = ''] = request.split(' ')
      await ask(server, method, path)
    }
    const counts = await counted(this.metrics, requests.length)
    expect(Object.values(await inFlightOf(this.metrics)).every((value) => value === 0)).to.equal(true)
    return counts
  }
}
