import { FastifyAdapter } from '@nestjs/platform-fastify'
import { serveNest } from './nest.mjs'

export const serve = (options) =>
  serveNest({ ...options, adapter: new FastifyAdapter({ forceCloseConnections: true }) })
