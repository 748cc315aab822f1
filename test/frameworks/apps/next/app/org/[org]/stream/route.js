import { EVENT_STREAM, webEventStream } from '../../../../../support.mjs'

export const dynamic = 'force-dynamic'
export function GET() {
  return new Response(webEventStream(), { headers: { 'content-type': EVENT_STREAM } })
}
