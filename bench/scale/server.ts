import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzip } from 'node:zlib'
import { CONTESTANTS } from '../page/contestants'
import { StallWatch } from './stalls'

/** Label sets, each of which has a counter and a histogram of 11 buckets and `+Inf`: fifteen lines of text. */
const LABEL_SETS = 100_000

/** What the process says of itself when everything has been recorded. */
export interface Ready {
  readonly port: number
}

/** A service with many series: it answers at `/` and is scraped at `/metrics`. The parent asks for its longest stalls. */
function main(name: string): void {
  const make = CONTESTANTS[name]
  if (make === undefined) throw new Error(`There is no contestant "${name}".`)
  const contestant = make()
  contestant.record(0, LABEL_SETS)
  let requests = 0
  const server = createServer((request, response) => {
    if (request.url === '/metrics') {
      void contestant.answer(request, response)
      return
    }
    const next = requests++ % LABEL_SETS
    contestant.record(next, next + 1)
    response.end('{"status":"ok"}')
  })
  // A stall of some seconds is no reason to close connections that wait for their answers.
  server.keepAliveTimeout = 0
  const watch = new StallWatch()
  process.on('message', () => process.send?.(watch.take()))
  process.on('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => {
    // The threads that compress are there before the loop has a processor to itself.
    gzip('', () => {
      watch.start()
      process.send?.({ port: (server.address() as AddressInfo).port } satisfies Ready)
    })
  })
}

main(process.argv[2] ?? '')
