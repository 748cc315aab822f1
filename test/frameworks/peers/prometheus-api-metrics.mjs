import { createRequire } from 'node:module'
import { register } from 'prom-client'

const { expressMiddleware, koaMiddleware } = createRequire(import.meta.url)('prometheus-api-metrics')

export const options = (app) => ({ middleware: app === 'koa' ? koaMiddleware() : expressMiddleware() })
export const page = () => register.metrics()
