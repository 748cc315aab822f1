import { hasMethods } from '../../has-methods'
import type { BusAdapter, BusWatch } from '../bus-adapter'
import { type BusRecorder, sizeBytesOf } from '../bus-recorder'
import { Deliveries } from '../deliveries'
import type { Delivery, Holder } from '../delivery'
import { Reason } from '../topic-series'

type Input = Readonly<Record<string, unknown>>
type Handler = (args: { readonly input: Input }) => Promise<{ readonly output: Input }>
type Middleware = (next: Handler, context: { readonly commandName?: string }) => Handler

/** The part of a client of aws-sdk v3 that is used here: its middleware stack is the SDK's own way in. */
interface Client {
  readonly middlewareStack: {
    add(middleware: Middleware, options: Readonly<Record<string, unknown>>): void
    remove(middleware: Middleware): boolean
  }
  readonly config?: { readonly serviceId?: string }
  /** The aggregated client has a method a command. */
  getQueueAttributes?(input: Input): Promise<{ readonly Attributes?: Readonly<Record<string, string>> }>
}

const list = (value: unknown): readonly Input[] => (Array.isArray(value) ? value : [])
/** A queue's or topic's name: the end of its URL or ARN. */
const nameOf = (address: unknown): string => String(address ?? '(none)').replace(/^.*[/:]/, '')

function recognises(serviceId: string): (bus: object) => boolean {
  return (bus) => {
    const { middlewareStack, config } = bus as Partial<Client>
    return hasMethods(middlewareStack, 'add', 'remove') && config?.serviceId === serviceId
  }
}

/**
 * Amazon SQS by aws-sdk v3. Published is what the service took, of a batch each by itself. Consumed is what was deleted;
 * failed what was made visible again at once, or came again.
 */
export const sqsAdapter: BusAdapter<Client> = {
  library: 'SQS (aws-sdk 3)',
  system: 'aws_sqs',
  isDepthFree: false,
  recognises: recognises('SQS'),
  watch(bus, recorder) {
    const ask = bus.getQueueAttributes?.bind(bus)
    const queues = new SqsCommands(recorder, recorder.asksDeadLetters ? ask : undefined)
    const stop = watchCommands(
      bus,
      (name, input, output, error, startMs) => queues.ended(name, input, output, error, startMs),
      recorder,
    )
    const watch: BusWatch = { stop }
    if (ask !== undefined) {
      watch.levels = () =>
        Promise.all(
          [...queues.received].map(async (url) => {
            const answer = await ask({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] })
            const depth = Number(answer.Attributes?.ApproximateNumberOfMessages)
            return { topic: nameOf(url), depth: Number.isFinite(depth) ? depth : undefined }
          }),
        )
    }
    return watch
  },
}

/** Amazon SNS by aws-sdk v3, which publishes only. */
export const snsAdapter: BusAdapter<Client> = {
  library: 'SNS (aws-sdk 3)',
  system: 'aws.sns',
  recognises: recognises('SNS'),
  watch(bus, recorder) {
    const stop = watchCommands(
      bus,
      (name, input, output, error, startMs) => {
        const target = input.TopicArn ?? input.TargetArn ?? (input.PhoneNumber === undefined ? undefined : '(phone)')
        if (name === 'PublishCommand') publishedOne(recorder, target, input.Message, input, error, startMs)
        if (name === 'PublishBatchCommand') {
          publishedBatch(recorder, target, list(input.PublishBatchRequestEntries), 'Message', output, error, startMs)
        }
      },
      recorder,
    )
    return { stop }
  },
}

type Ended = (name: string, input: Input, output: Input | undefined, error: unknown, startMs: number) => void

function watchCommands(client: Client, ended: Ended, recorder: BusRecorder): () => void {
  let isStopped = false
  const middleware: Middleware = (next, context) => async (args) => {
    const name = context.commandName ?? ''
    if (isStopped) return next(args)
    const startMs = recorder.clock.monotonicMs()
    try {
      const result = await next(args)
      ended(name, args.input, result.output, undefined, startMs)
      return result
    } catch (error) {
      ended(name, args.input, undefined, error ?? new Error('unknown'), startMs)
      throw error
    }
  }
  // The outermost step, so that what the SDK tries again counts once.
  client.middlewareStack.add(middleware, {
    step: 'initialize',
    priority: 'high',
    name: `meterkit-${recorder.name}`,
    override: true,
  })
  return () => {
    isStopped = true
    client.middlewareStack.remove(middleware)
  }
}

function publishedOne(
  recorder: BusRecorder,
  target: unknown,
  body: unknown,
  message: unknown,
  error: unknown,
  startMs: number,
): void {
  const topic = recorder.topic(nameOf(target), message)
  if (topic === undefined) return
  const durationMs = recorder.clock.monotonicMs() - startMs
  if (recorder.countsBytes) topic.countBytes('publish', sizeBytesOf(body))
  if (error === undefined) topic.countPublished(1, durationMs)
  else topic.countPublishFailed(error, 1, durationMs)
}

/** The service answers for each entry of a batch: those that failed are listed with a code. */
function publishedBatch(
  recorder: BusRecorder,
  target: unknown,
  entries: readonly Input[],
  bodyKey: string,
  output: Input | undefined,
  error: unknown,
  startMs: number,
): void {
  const topic = recorder.topic(nameOf(target), entries)
  if (topic === undefined) return
  const durationMs = recorder.clock.monotonicMs() - startMs
  topic.recordBatch('publish', entries.length)
  if (recorder.countsBytes) for (const entry of entries) topic.countBytes('publish', sizeBytesOf(entry[bodyKey]))
  if (error !== undefined) {
    topic.countPublishFailed(error, entries.length, durationMs)
    return
  }
  const failed = list(output?.Failed)
  for (const { Code } of failed) topic.countPublishFailed(new Reason(String(Code)), 1, durationMs)
  if (entries.length > failed.length) topic.countPublished(entries.length - failed.length, durationMs)
}

/** By what a message was given: receiving it anew gives it another handle. */
interface Receipt {
  readonly id: string
  readonly handle: string
  readonly url: string
  /** How often it was received, where the application has asked for that. */
  readonly receives: number
}

/** What the commands of one SQS client mean. */
class SqsCommands implements Holder<Receipt> {
  /** Queues that are received from, by URL. */
  readonly received = new Set<string>()
  readonly #recorder: BusRecorder
  readonly #deliveries = new Deliveries<string>()
  /** The handle by which a message was given last, by its id. */
  readonly #handles = new Map<string, string>()
  readonly #receipts = new Map<string, Receipt>()
  /** How often a message may be received before its queue gives it up, by URL; as far as that is known. */
  readonly #maxReceives = new Map<string, number>()
  readonly #ask: Client['getQueueAttributes']

  /** `ask` is given where queues may be asked for their redrive policy. */
  constructor(recorder: BusRecorder, ask: Client['getQueueAttributes']) {
    this.#recorder = recorder
    this.#ask = ask
  }

  ended(name: string, input: Input, output: Input | undefined, error: unknown, startMs: number): void {
    const url = input.QueueUrl
    const entries = list(input.Entries)
    const failed = new Set(list(output?.Failed).map(({ Id }) => Id))
    const settled = error === undefined ? entries.filter(({ Id }) => !failed.has(Id)) : []
    switch (name) {
      case 'SendMessageCommand':
        publishedOne(this.#recorder, url, input.MessageBody, input, error, startMs)
        break
      case 'SendMessageBatchCommand':
        publishedBatch(this.#recorder, url, entries, 'MessageBody', output, error, startMs)
        break
      case 'ReceiveMessageCommand':
        if (error === undefined) this.#receive(String(url), list(output?.Messages))
        break
      case 'DeleteMessageCommand':
        if (error === undefined) this.#acknowledge(input)
        break
      case 'DeleteMessageBatchCommand':
        for (const entry of settled) this.#acknowledge(entry)
        break
      case 'ChangeMessageVisibilityCommand':
        if (error === undefined) this.#giveBack(input)
        break
      case 'ChangeMessageVisibilityBatchCommand':
        for (const entry of settled) this.#giveBack(entry)
        break
    }
  }

  release({ id, handle }: Receipt, delivery: Delivery): void {
    this.#deliveries.release(handle, delivery)
    this.#receipts.delete(handle)
    if (this.#handles.get(id) === handle) this.#handles.delete(id)
  }

  #receive(url: string, messages: readonly Input[]): void {
    if (!this.received.has(url)) void this.#askRedrive(url)
    this.received.add(url)
    const name = nameOf(url)
    if (messages.length > 0) this.#recorder.topic(name, messages)?.recordBatch('process', messages.length)
    for (const message of messages) {
      const topic = this.#recorder.topic(name, message)
      if (topic === undefined) continue
      const { MessageId, ReceiptHandle, Body, Attributes } = message
      const handle = String(ReceiptHandle)
      const id = String(MessageId)
      if (this.#recorder.countsBytes) topic.countBytes('process', sizeBytesOf(Body))
      const before = this.#handles.get(id)
      const receives = Number((Attributes as Input | undefined)?.ApproximateReceiveCount ?? 1)
      if (before !== undefined || receives > 1) topic.countRedelivered()
      if (before !== undefined) this.#deliveries.get(before)?.reject('redelivered')
      const delivery = this.#recorder.deliver(topic, 1, true)
      this.#deliveries.add(handle, delivery)
      this.#handles.set(id, handle)
      const receipt: Receipt = { id, handle, url, receives }
      this.#receipts.set(handle, receipt)
      delivery.heldBy<Receipt>(this, receipt)
      delivery.handled()
    }
  }

  #acknowledge({ ReceiptHandle }: Input): void {
    this.#deliveries.get(String(ReceiptHandle))?.acknowledge()
  }

  #giveBack({ ReceiptHandle, VisibilityTimeout }: Input): void {
    if (VisibilityTimeout !== 0) return
    const handle = String(ReceiptHandle)
    const { url = '', receives = 0 } = this.#receipts.get(handle) ?? {}
    const isLast = receives >= (this.#maxReceives.get(url) ?? Number.POSITIVE_INFINITY)
    this.#deliveries.get(handle)?.reject('returned', isLast)
  }

  async #askRedrive(url: string): Promise<void> {
    try {
      const answer = await this.#ask?.({ QueueUrl: url, AttributeNames: ['RedrivePolicy'] })
      const { maxReceiveCount } = JSON.parse(answer?.Attributes?.RedrivePolicy ?? '{}') as { maxReceiveCount?: unknown }
      if (Number(maxReceiveCount) > 0) this.#maxReceives.set(url, Number(maxReceiveCount))
    } catch {
      // Who may not ask does not know what the queue gives up.
    }
  }
}
