import { FastifyAdapter } from '@nestjs/platform-fastify'
import { serveNest } from './nest.mjs'

export const serve = () => serveNest(new FastifyAdapter({ forceCloseConnections: true }))
