import type { Socket } from 'node:net'
import { connect } from 'node:net'

/** What the parent asks for. */
export interface LoadRequest {
  readonly port: number
  readonly path: string
  readonly connections: number
  readonly requests: number
}

/**
 * Sends requests over keep-alive connections, one at a time on each, and reports to the parent when all are answered.
 *
 * It counts bytes instead of parsing: the answers of one run are all as long as the first, so a load costs far less than the
 * server it drives.
 */
async function drive({ port, path, connections, requests }: LoadRequest): Promise<void> {
  const text = `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`
  const sizeBytes = await answerSize(port, text)
  const share = Math.floor(requests / connections)
  await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const socket = await opened(port)
      await ask(socket, text, sizeBytes, index === 0 ? requests - share * (connections - 1) : share)
      socket.destroy()
    }),
  )
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.setNoDelay(true)
    socket.once('error', reject)
  })
}

async function answerSize(port: number, text: string): Promise<number> {
  const socket = await opened(port)
  return await new Promise((resolve, reject) => {
    let answer = ''
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      const end = answer.indexOf('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(answer)?.[1]
      if (end === -1) return
      if (length === undefined || !answer.startsWith('HTTP/1.1 200'))
        return reject(new Error(`unexpected answer: ${answer}`))
      if (answer.length < end + 4 + Number(length)) return
      socket.destroy()
      resolve(answer.length)
    })
    socket.write(text)
  })
}

function ask(socket: Socket, text: string, sizeBytes: number, requests: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = requests
    let pending = sizeBytes
    socket.on('data', (chunk: Buffer) => {
      pending -= chunk.length
      if (pending > 0) return
      pending = sizeBytes
      left--
      if (left === 0) resolve()
      else socket.write(text)
    })
    socket.once('close', () => reject(new Error('the server closed a connection')))
    socket.write(text)
  })
}

process.on('message', (request: LoadRequest) => {
  drive(request).then(
    () => process.send?.({ done: true }),
    (error: Error) => process.send?.({ error: error.message }),
  )
})
process.on('disconnect', () => process.exit())
