import { EVENT_STREAM, eventStream } from '../../../../support.mjs'

export default function handler(_request, response) {
  response.setHeader('content-type', EVENT_STREAM)
  return new Promise((resolve) => eventStream().pipe(response).on('close', resolve))
}
