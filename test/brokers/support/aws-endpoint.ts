import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'

interface Stored {
  readonly id: string
  readonly body: string
  receives: number
  receipt: string
  visibleAtMs: number
}

type Fields = Readonly<Record<string, unknown>>

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const entriesOf = (fields: Fields) => (fields.Entries ?? []) as readonly Fields[]

/**
 * A double of Amazon's endpoints on loopback: SQS by its JSON protocol and SNS by its query protocol, as far as the tests
 * use them. Bodies that start with `refuse` are refused, a body `crash` is answered with an internal error.
 */
export class AwsEndpoint {
  readonly #messages = new Map<string, Stored>()
  readonly #receipts = new Map<string, Stored>()
  #server: Server | undefined
  #port = 0
  /** How many requests it answered with an internal error, which the SDK tries again. */
  crashes = 0
  /** How often a message may be received before it goes to another queue. */
  maxReceiveCount = Number.POSITIVE_INFINITY
  /** What has gone there. */
  deadLetters = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const target = request.headers['x-amz-target']
        const [status, type, answer] =
          typeof target === 'string' ? this.#sqs(target.replace(/^.*\./, ''), JSON.parse(body)) : this.#sns(body)
        response.writeHead(status, { 'content-type': type })
        response.end(answer)
      })
    }).listen(this.#port, '127.0.0.1')
    this.#server = server
    await once(server, 'listening')
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
  }

  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    server?.closeAllConnections()
    server?.close()
    if (server !== undefined) await once(server, 'close')
  }

  #sqs(command: string, fields: Fields): [number, string, string] {
    const json = (answer: unknown, status = 200): [number, string, string] => [
      status,
      'application/x-amz-json-1.0',
      JSON.stringify(answer),
    ]
    switch (command) {
      case 'SendMessage': {
        const body = String(fields.MessageBody)
        if (body === 'crash' && this.crashes++ < 1) return json({ __type: 'InternalFailure' }, 500)
        if (body.startsWith('refuse')) return json({ __type: 'InvalidMessageContents', message: 'no' }, 400)
        return json({ MessageId: this.#store(body), MD5OfMessageBody: md5(body) })
      }
      case 'SendMessageBatch': {
        const refused = (entry: Fields) => String(entry.MessageBody).startsWith('refuse')
        const entries = entriesOf(fields)
        return json({
          Successful: entries
            .filter((entry) => !refused(entry))
            .map(({ Id, MessageBody }) => {
              const body = String(MessageBody)
              return { Id, MessageId: this.#store(body), MD5OfMessageBody: md5(body) }
            }),
          Failed: entries.filter(refused).map(({ Id }) => ({ Id, Code: 'InvalidMessageContents', SenderFault: true })),
        })
      }
      case 'ReceiveMessage': {
        const given: Stored[] = []
        for (const message of this.#messages.values()) {
          if (given.length === Number(fields.MaxNumberOfMessages ?? 1)) break
          if (message.visibleAtMs > Date.now()) continue
          if (message.receives < this.maxReceiveCount) given.push(message)
          else {
            this.deadLetters++
            this.#messages.delete(message.id)
          }
        }
        for (const message of given) {
          message.receives++
          this.#receipts.delete(message.receipt)
          message.receipt = randomUUID()
          this.#receipts.set(message.receipt, message)
          message.visibleAtMs = Date.now() + Number(fields.VisibilityTimeout ?? 30) * 1000
        }
        return json({
          Messages: given.map(({ id, body, receipt, receives }) => ({
            MessageId: id,
            ReceiptHandle: receipt,
            Body: body,
            MD5OfBody: md5(body),
            Attributes: { ApproximateReceiveCount: String(receives) },
          })),
        })
      }
      case 'DeleteMessage':
        this.#delete(fields)
        return json({})
      case 'DeleteMessageBatch':
        for (const entry of entriesOf(fields)) this.#delete(entry)
        return json({ Successful: entriesOf(fields).map(({ Id }) => ({ Id })), Failed: [] })
      case 'ChangeMessageVisibility': {
        const message = this.#byReceipt(fields)
        if (message !== undefined) message.visibleAtMs = Date.now() + Number(fields.VisibilityTimeout) * 1000
        return json({})
      }
      case 'GetQueueAttributes':
        return json({
          Attributes: {
            ApproximateNumberOfMessages: String(this.#messages.size),
            ...(this.maxReceiveCount < Number.POSITIVE_INFINITY && {
              RedrivePolicy: JSON.stringify({ deadLetterTargetArn: 'arn', maxReceiveCount: this.maxReceiveCount }),
            }),
          },
        })
      default:
        return json({ __type: 'InvalidAction', message: command }, 400)
    }
  }

  #sns(body: string): [number, string, string] {
    const fields = new URLSearchParams(body)
    const action = fields.get('Action') ?? ''
    const xml = (inner: string, status = 200): [number, string, string] => [status, 'text/xml', inner]
    if (action === 'Publish') {
      if (fields.get('Message')?.startsWith('refuse')) {
        const error = '<Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>no</Message></Error>'
        return xml(`<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`, 400)
      }
      const result = `<PublishResult><MessageId>${randomUUID()}</MessageId></PublishResult>`
      return xml(
        `<PublishResponse>${result}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>`,
      )
    }
    const entries: { id: string; message: string }[] = []
    for (let at = 1; ; at++) {
      const prefix = `PublishBatchRequestEntries.member.${at}`
      const id = fields.get(`${prefix}.Id`)
      if (id === null) break
      entries.push({ id, message: fields.get(`${prefix}.Message`) ?? '' })
    }
    const isRefused = ({ message }: { message: string }) => message.startsWith('refuse')
    const successful = entries
      .filter((entry) => !isRefused(entry))
      .map(({ id }) => `<member><Id>${id}</Id><MessageId>${randomUUID()}</MessageId></member>`)
    const failed = entries
      .filter(isRefused)
      .map(({ id }) => `<member><Id>${id}</Id><Code>InvalidParameter</Code><SenderFault>true</SenderFault></member>`)
    const lists = `<Successful>${successful.join('')}</Successful><Failed>${failed.join('')}</Failed>`
    return xml(
      `<PublishBatchResponse><PublishBatchResult>${lists}</PublishBatchResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishBatchResponse>`,
    )
  }

  #store(body: string): string {
    const id = randomUUID()
    this.#messages.set(id, { id, body, receives: 0, receipt: '', visibleAtMs: 0 })
    return id
  }

  #byReceipt({ ReceiptHandle }: Fields): Stored | undefined {
    const message = this.#receipts.get(String(ReceiptHandle))
    return message?.receipt === ReceiptHandle ? message : undefined
  }

  #delete(fields: Fields): void {
    const message = this.#byReceipt(fields)
    if (message !== undefined) this.#messages.delete(message.id)
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += part
  return body
}
