import { serveNest } from './nest.mjs'

export const serve = () => serveNest()
