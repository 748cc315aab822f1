import { setTimeout as delay } from 'node:timers/promises'
import { errorText, received } from '../model/errors'
import { masked } from '../model/masked'
import { PUSH_AGENT } from '../model/push-agent'

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
 * them, and are as long as the receiver says where it does. A redirection is not followed: what answers there need not be a
 * receiver, and a 302 would be asked by GET.
 */
export async function send(url: URL, init: RequestInit, deadline: AbortSignal): Promise<void> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
    try {
      await sendOnce(url, { ...init, redirect: 'manual', signal: deadline })
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

async function sendOnce(url: URL, init: RequestInit): Promise<void> {
  let response: Response
  let answer: string
  try {
    response = await fetch(url, { ...init, headers: named(init.headers) })
    answer = await response.text()
  } catch (error) {
    const { name, cause } = error as Error
    if (name === 'TimeoutError') throw error
    const { code } = Object(cause) as { readonly code?: string }
    throw new PushError(`${errorText(error)}${cause === undefined ? '' : ` (${errorText(cause)})`}`, code)
  }
  if (response.ok) return
  const { status, headers } = response
  const location = headers.get('location')
  const said = location === null ? answer.trim().slice(0, 200) : `and sends on to ${received(masked(location))}`
  throw new PushError(`the receiver answered ${status} ${said}`, status, waitMsOf(headers.get('retry-after') ?? ''))
}

/** Says who sends, behind what the application says: sending measurements must not make more of them. */
function named(given: RequestInit['headers']): Headers {
  const headers = new Headers(given)
  const agent = headers.get('user-agent')
  headers.set('user-agent', agent === null ? PUSH_AGENT : `${agent} ${PUSH_AGENT}`)
  return headers
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function waitMsOf(retryAfter: string): number {
  const waitMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now()
  return waitMs > 0 ? waitMs : 0
}

/** Where there is no code, no connection failed: the request is one that cannot be sent. */
function mayTryAgain({ code }: PushError): boolean {
  return typeof code === 'number' ? code === 429 || code >= 500 : code !== undefined
}
