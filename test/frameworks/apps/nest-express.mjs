import { serveNest } from './nest.mjs'

export const serve = (options) => serveNest(options)
