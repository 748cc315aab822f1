import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Answer } from './answer'

/** The status code of a request that was not answered to the end, as nginx has it for a client that left. */
export const CLIENT_CLOSED_REQUEST = 499

/** What is known of a request whose answer has closed. */
interface Ended {
  readonly answer: Answer
  readonly socket: Socket | undefined
  /** Whether it was the first of its connection. */
  readonly isFirst: boolean
}

/** What a server of Node.js answers by itself to a request that it cannot read to the end. */
const ANSWERS_TO_ERRORS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
}
const PARSER_ERROR = 'HPE_'
/** The connection has ended within the body: nobody is there to be answered. */
const CLIENT_LEFT = 'HPE_INVALID_EOF_STATE'
const BAD_REQUEST = 400

/** Where the three digits begin in `HTTP/1.1 200 OK`. */
const STATUS_AT = 'HTTP/1.1 '.length
const ZERO = 0x30
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)\r\n/i

/** What a response of HTTP/1 has sent before its body: handlers may still write to `statusCode` afterwards. */
interface Sent {
  readonly _header?: unknown
  /** The text of the status that was sent. */
  readonly statusMessage?: string
}

/** The status code that a request has ended with; 0 for one that is no status code, because the label must stay bounded. */
export function statusAtEnd({ answer, socket, isFirst }: Ended): number {
  // Node.js 22 calls finished what was ended, also when the connection has broken within it.
  const finished = answer.writableFinished && !socket?.errored
  if (finished || (isFirst && wasSentWhole(answer, socket))) return boundedStatus(sentStatus(answer))
  const isBegun = answer.headersSent && !(isFirst && wasNotSent(answer, socket))
  return (isBegun ? undefined : answerToError(socket?.errored)) ?? CLIENT_CLOSED_REQUEST
}

/** The status code that was sent, or would be. */
export function sentStatus(answer: Answer): number {
  const { statusCode, statusMessage, _header: head } = answer as Answer & Sent
  // To look into the head makes one text of its pieces, which is dearer.
  if (statusMessage === STATUS_CODES[statusCode] || typeof head !== 'string') return statusCode
  return digit(head, STATUS_AT) * 100 + digit(head, STATUS_AT + 1) * 10 + digit(head, STATUS_AT + 2)
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - ZERO
}

/**
 * Whether a client that knew the length has left with the whole of an answer which the application had not ended yet, as one
 * does that reads a file may: what it ends is sent no more. Or whether Node.js has closed the connection behind the whole of it,
 * for what came after the request. Only of the first answer of a connection is it known how many bytes were sent.
 */
function wasSentWhole(answer: Answer, socket: Socket | undefined): boolean {
  const { _header: head } = answer as Sent
  if (typeof head !== 'string' || socket === undefined) return false
  const [, length] = CONTENT_LENGTH.exec(head) ?? []
  if (length === undefined) return false
  const size = head.length + Number(length)
  const { bytesWritten, errored, writableFinished, writableHighWaterMark } = socket
  // Who has closed in order has got what was written; bytes that were left over count as written, too.
  if (!errored) return writableFinished && bytesWritten === size
  // As much as that leaves at once; other answers may have followed.
  return answerToError(errored) !== undefined && bytesWritten >= size && bytesWritten <= writableHighWaterMark
}

/** Whether the head was written when nothing could be sent any more, to which the answer pays no heed. */
function wasNotSent(answer: Answer, socket: Socket | undefined): boolean {
  const { _header: head } = answer as Sent
  return typeof head === 'string' && socket !== undefined && socket.bytesWritten < head.length
}

/** A body that came too late or was malformed is answered past the application, which had the request already. */
function answerToError(error: (Error & { readonly code?: unknown }) | null | undefined): number | undefined {
  const code = error?.code
  if (typeof code !== 'string' || code === CLIENT_LEFT) return undefined
  return ANSWERS_TO_ERRORS[code] ?? (code.startsWith(PARSER_ERROR) ? BAD_REQUEST : undefined)
}

export function boundedStatus(statusCode: unknown): number {
  return typeof statusCode === 'number' && Number.isInteger(statusCode) && statusCode >= 100 && statusCode <= 599
    ? statusCode
    : 0
}
