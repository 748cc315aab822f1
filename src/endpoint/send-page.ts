import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { inTurns } from './in-turns'

/**
 * Sends a page chunk by chunk, and ends the response. The next chunk is asked for when the last one has left, because
 * all of them use the same bytes; a slow scraper therefore holds one chunk and no more. Rejects where the scraper left, or
 * took nothing for `stalledMs`: a write that waits would keep the process alive.
 */
export async function sendPage(
  chunks: Iterable<Buffer>,
  response: ServerResponse,
  { gzip, stalledMs }: { readonly gzip: boolean; readonly stalledMs: number },
): Promise<void> {
  response.setTimeout(stalledMs, () => response.destroy())
  if (!gzip && Object.hasOwn(response, 'write')) {
    // A middleware's own way to write (compression's, for one) need not tell when a chunk has left.
    await pipeline(copies(chunks), response)
    return
  }
  const compressor = gzip ? createGzip({ level: constants.Z_BEST_SPEED }) : undefined
  const target = compressor ?? response
  const sent = compressor === undefined ? finished(response) : pipeline(compressor, response)
  // Whoever waits for a chunk to leave must hear that the response has failed.
  const failed = sent.then(() => new Promise<never>(() => undefined))
  failed.catch(() => undefined)
  for await (const chunk of inTurns(chunks)) await Promise.race([written(target, chunk), failed])
  target.end()
  await sent
}

function written(target: Writable, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    target.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

async function* copies(chunks: Iterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of inTurns(chunks)) yield Buffer.from(chunk)
}
