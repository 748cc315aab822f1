import { setTimeout as delay } from 'node:timers/promises'
import { errorText } from '../model/errors'

/** The first wait before a request is tried again, in milliseconds; each next one is twice as long. */
const FIRST_WAIT_MS = 100

/** Why a push failed: `code` is the status of an answer, or what Node.js calls the fault of a connection. */
export class PushError extends Error {
  override readonly name = 'PushError'

  constructor(
    message: string,
    readonly code: number | string | undefined,
    /** How long the receiver wants to be left alone, in milliseconds. */
    readonly waitMs = 0,
  ) {
    super(message)
  }
}

/**
 * Sends a request until it is taken, or refused for good, or `deadline` says that it has been long enough. What may be tried
 * again is an answer of 429 or from 500 up and a connection that failed; the waits in between double, with some luck in
 * them, and are as long as the receiver says where it does.
 */
export async function send(url: string, init: RequestInit, deadline: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      await sendOnce(url, { ...init, signal: deadline })
      return
    } catch (error) {
      if (!(error instanceof PushError) || !mayTryAgain(error)) throw error
      const gaveUp = delay(Math.max(error.waitMs, waitMs * (0.5 + Math.random() / 2)), undefined, { signal: deadline })
      // What went wrong says more than that the time is over.
      await gaveUp.catch(() => {
        throw error
      })
    }
  }
}

async function sendOnce(url: string, init: RequestInit): Promise<void> {
  let response: Response
  let answer: string
  try {
    response = await fetch(url, init)
    answer = await response.text()
  } catch (error) {
    const { name, cause } = error as Error
    if (name === 'TimeoutError') throw error
    const { code } = Object(cause) as { readonly code?: string }
    throw new PushError(
      `${errorText(error)}${cause === undefined ? '' : ` (${errorText(cause)})`}`,
      code ?? 'ECONNRESET',
    )
  }
  if (response.ok) return
  const seconds = Number(response.headers.get('retry-after') ?? 0)
  throw new PushError(
    `the receiver answered ${response.status} ${answer.trim().slice(0, 200)}`,
    response.status,
    Number.isFinite(seconds) ? seconds * 1_000 : 0,
  )
}

function mayTryAgain({ code }: PushError): boolean {
  return typeof code !== 'number' || code === 429 || code >= 500
}
