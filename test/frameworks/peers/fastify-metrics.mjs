import { createRequire } from 'node:module'
import { register } from '@prometheus-io/client'

const { default: plugin } = createRequire(import.meta.url)('fastify-metrics')

export const options = () => ({ plugins: [{ plugin, options: { endpoint: '/metrics' } }] })
export const page = () => register.metrics()
