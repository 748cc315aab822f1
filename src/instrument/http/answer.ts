/** What a request was answered with, as it stands now: a response of HTTP/1 is one. */
export interface Answer {
  readonly statusCode: number
  readonly headersSent: boolean
  /** Whether all of it was handed to the network. */
  readonly writableFinished: boolean
}
