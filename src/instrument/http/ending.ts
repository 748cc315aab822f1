import type { Socket } from 'node:net'
import type { Answer } from './answer'

/** The status code of a request that was not answered to the end, as nginx has it for a client that left. */
export const CLIENT_CLOSED_REQUEST = 499

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

/** The status code that a request has ended with; 0 for one that is no status code, because the label must stay bounded. */
export function statusAtEnd(answer: Answer, socket: Socket | undefined): number {
  if (answer.writableFinished) return boundedStatus(answer.statusCode)
  return (answer.headersSent ? undefined : answerToError(socket?.errored)) ?? CLIENT_CLOSED_REQUEST
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
