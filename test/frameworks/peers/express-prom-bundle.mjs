import bundle from 'express-prom-bundle'
import { register } from 'prom-client'

export const options = () => ({ middleware: bundle({ includeMethod: true, includePath: true }) })
export const page = () => register.metrics()
