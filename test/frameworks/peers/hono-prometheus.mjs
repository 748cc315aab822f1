import { prometheus } from '@hono/prometheus'
import { Registry } from 'prom-client'

const registry = new Registry()

export const options = () => ({ middleware: prometheus({ registry }).registerMetrics })
export const page = () => registry.metrics()
