/** The methods that get a label of their own where nobody says otherwise: those of RFC 9110, PATCH and QUERY. */
export const KNOWN_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]

/** The label of every other method, so that a client cannot make series by inventing methods. */
export const OTHER_METHOD = '_OTHER'
