/** How long what ends may take to send its last numbers, in milliseconds: a reader, a service or the process. */
export const LAST_FLUSH_MS = 5_000
