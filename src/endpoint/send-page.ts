import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import { constants, createGzip } from 'node:zlib'
import { inTurns } from './in-turns'

/** A scraper took nothing of its page for longer than it may. */
export class StalledError extends Error {
  override readonly name = 'StalledError'
}

const PIPELINE_LISTENERS = 10

/**
 * Sends a page chunk by chunk, ends the response, and tells the size of the page before it was compressed. The next chunk
 * is asked for when the last one has left, because all of them use the same bytes; a slow scraper therefore holds one
 * chunk, and no more than the few series whose turn is to come that were written together with others. Rejects where the
 * scraper left, or took nothing for `stalledMs`: a write that waits would keep the process alive. However it ends, nobody
 * asks for another chunk, and the compressor is gone.
 */
export async function sendPage(
  chunks: Iterable<Buffer>,
  response: ServerResponse,
  { gzip, stalledMs }: { readonly gzip: boolean; readonly stalledMs: number },
): Promise<number> {
  // A pipeline listens to 'close' nearly as often as Node.js takes without a warning, and the application may, too.
  if (response.getMaxListeners() > 0) response.setMaxListeners(response.getMaxListeners() + PIPELINE_LISTENERS)
  let isStalled = false
  const { socket } = response
  const beforeMs = socket?.timeout ?? 0
  response.setTimeout(stalledMs, () => {
    isStalled = true
    response.destroy()
  })
  // The connection may be kept for other requests than scrapes. First of all, as Node.js may have a time for idle ones.
  if (socket?.timeout === stalledMs) response.prependOnceListener('finish', () => socket.setTimeout(beforeMs))
  let isOver = false
  response.once('close', () => {
    isOver = true
  })
  try {
    return await send(chunks, response, gzip, () => !isOver)
  } catch (error) {
    throw isStalled ? new StalledError(`the scraper took nothing for ${stalledMs} ms`) : error
  }
}

async function send(
  chunks: Iterable<Buffer>,
  response: ServerResponse,
  gzip: boolean,
  isWanted: () => boolean,
): Promise<number> {
  let sizeBytes = 0
  if (!gzip && Object.hasOwn(response, 'write')) {
    // A middleware's own way to write (compression's, for one) need not tell when a chunk has left.
    const copies = async function* () {
      for await (const chunk of inTurns(chunks, isWanted)) {
        sizeBytes += chunk.length
        yield Buffer.from(chunk)
      }
    }
    await pipeline(copies(), response)
    return sizeBytes
  }
  // Chunk by chunk in zlib's pool of threads. Level 1 takes a third of the time of level 6, the default, for a page that is
  // a quarter larger, a fifteenth of the whole; on the network of a scrape, the processor is dearer.
  const compressor = gzip ? createGzip({ level: constants.Z_BEST_SPEED }) : undefined
  const target = compressor ?? response
  const sent = compressor === undefined ? finished(response) : pipeline(compressor, response)
  const writing = new Writing(target, sent)
  for await (const chunk of inTurns(chunks, isWanted)) {
    sizeBytes += chunk.length
    await writing.write(chunk)
  }
  target.end()
  await sent
  return sizeBytes
}

/** Writes one chunk after the other. */
class Writing {
  readonly #target: Writable
  #failure: { readonly error: unknown } | undefined
  #reject: (error: unknown) => void = () => undefined

  /** Whoever waits for a chunk to leave must hear that `sent` has failed: the stream itself need not say it. */
  constructor(target: Writable, sent: Promise<void>) {
    this.#target = target
    sent.catch((error: unknown) => {
      this.#failure = { error }
      this.#reject(error)
    })
  }

  /** Resolves when the chunk has left. */
  write(chunk: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure.error
      this.#reject = reject
      this.#target.write(chunk, (error) => (error ? reject(error) : resolve()))
    })
  }
}
