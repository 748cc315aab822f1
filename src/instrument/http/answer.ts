/** What a request was answered with, as it stands now: a response of HTTP/1 is one. */
export interface Answer {
  readonly statusCode: number
  readonly headersSent: boolean
  /** Whether all of it was handed to the network. */
  readonly writableFinished: boolean
  /** How long a file is that was sent without being written here, as HTTP/2 can. */
  readonly fileBytes?: number
}
