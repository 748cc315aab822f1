import { EVENT_STREAM, webEventStream } from '../../../../support.mjs'

export default (event) => {
  event.res.headers.set('content-type', EVENT_STREAM)
  return webEventStream()
}
