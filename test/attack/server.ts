/**
 * What is attacked, in a process whose memory can be weighed: a bare server and an Express application. Both answer with
 * whatever status code they are asked for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { initMetrics } from '../../src/init'

export interface Targets {
  readonly bare: number
  readonly express: number
}

/** What the process is asked, and what it answers. */
export type Question = 'page' | 'heap'
export type Reply = string | number

const metrics = initMetrics({ serviceName: 'attacked', prometheus: { server: false }, runtime: false, logger: false })

const statusOf = ({ headers }: IncomingMessage): number => Number(headers['x-status'])

function answer(request: IncomingMessage, response: ServerResponse): void {
  response.statusCode = statusOf(request)
  response.end()
}

function application() {
  const app = express().set('env', 'test')
  const users = express.Router({ mergeParams: true })
  users.all('/:user', answer)
  app.use('/org/:org/users', users)
  app.all('/files/*path', answer)
  app.use('/mount', (request, response, next) => (statusOf(request) < 500 ? answer(request, response) : next()))
  app.use((request, _response, next) => (statusOf(request) < 600 ? next() : next(new Error('attacked'))))
  return app
}

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(handler)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

async function reply(question: Question): Promise<Reply> {
  if (question === 'page') return (await metrics.render()).body
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

process.on('message', async (question: Question) => process.send?.(await reply(question)))
process.on('disconnect', () => process.exit())
void Promise.all([listen(answer), listen(application())]).then(([bare, express]) =>
  process.send?.({ bare, express } satisfies Targets),
)
