import { once } from 'node:events'
import { type IncomingHttpHeaders, request } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** Asks over a connection of its own, without following, decoding or adding anything. */
export async function get(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const asking = request(url, { method, headers, agent: false })
  asking.end(body)
  const [response] = await once(asking, 'response')
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part as Buffer)
  const whole = Buffer.concat(parts)
  return { status: response.statusCode, headers: response.headers, body: whole, text: whole.toString('utf8') }
}

/** Listens on a free port of the loopback and tells the address. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Sends bytes as they are, and gives all that comes back until the server closes or `enough` holds. */
export async function sendRaw(
  url: string,
  bytes: string | Buffer,
  enough: (answer: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  // The server may close before all was sent.
  socket.on('error', () => undefined)
  socket.write(bytes)
  let answer = ''
  try {
    for await (const part of socket.setEncoding('latin1')) {
      answer += part
      if (enough(answer)) break
    }
  } catch {
    // What came before the reset counts.
  }
  socket.destroy()
  return answer
}
