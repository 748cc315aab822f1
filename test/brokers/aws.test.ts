import { PublishBatchCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQS,
} from '@aws-sdk/client-sqs'
import { expect } from 'chai'
import { AwsEndpoint } from './support/aws-endpoint'
import { Service } from './support/service'

const MESSAGES = 10_000
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

describe('aws-sdk 3, against a double of its endpoints', () => {
  let service: Service
  let endpoint: AwsEndpoint
  beforeEach(async () => {
    service = new Service()
    endpoint = new AwsEndpoint()
    await endpoint.up()
  })
  afterEach(async () => {
    await endpoint.down()
    await service.close()
  })

  it('SQS: sent, refused, received, deleted, given back and received anew, with the endpoint gone for a while', async () => {
    const client = new SQS({ endpoint: endpoint.url, region: 'eu-west-1', credentials, maxAttempts: 2 })
    const QueueUrl = `${endpoint.url}/000000000000/orders`
    const before = client.middlewareStack.identify()
    const handle = service.metrics.instrumentBus(client, { name: 'sqs', depth: true, bytes: true })
    const tally = { sent: 0, refused: 0, batches: 0, bytes: 0 }
    for (let i = 0; i < MESSAGES; i += 10) {
      const Entries = Array.from({ length: 10 }, (_, at) => ({
        Id: `${at}`,
        MessageBody: (i + at) % 100 === 7 ? 'refuse' : `${i + at}`,
      }))
      const { Successful = [], Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
      tally.sent += Successful.length
      tally.refused += Failed.length
      tally.batches++
      tally.bytes += Entries.reduce((sum, { MessageBody }) => sum + MessageBody.length, 0)
    }
    // What the SDK tries again counts once.
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'crash' }))
    tally.sent++
    expect(endpoint.crashes).to.be.greaterThan(1)
    const failures: unknown[] = []
    await client
      .send(new SendMessageCommand({ QueueUrl, MessageBody: 'refuse' }))
      .catch((error) => failures.push(error))
    await endpoint.down()
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'gone' })).catch((error) => failures.push(error))
    await endpoint.up()
    expect(failures).to.have.length(2)
    expect(await service.total('queue_depth'), 'nothing was received yet').to.equal(0)

    const got = { deleted: 0, returned: 0, again: 0, batches: 0 }
    const seen = new Set<string>()
    const receive = async (VisibilityTimeout: number): Promise<Message[]> => {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout }),
      )
      if (Messages.length > 0) got.batches++
      for (const { MessageId = '' } of Messages) {
        if (seen.has(MessageId)) got.again++
        seen.add(MessageId)
      }
      return Messages
    }
    const forgotten = await receive(0)
    expect(await service.total('events_in_flight')).to.equal(10)
    for (let messages = await receive(60); messages.length > 0; messages = await receive(60)) {
      const [first, second, ...others] = messages
      if (first !== undefined && got.returned < 200 && !first.Body?.startsWith('9')) {
        const { ReceiptHandle } = first
        await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
        got.returned++
      } else if (first !== undefined) others.push(first)
      if (second !== undefined) {
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: second.ReceiptHandle }))
        got.deleted++
      }
      if (others.length > 0) {
        const Entries = others.map(({ ReceiptHandle }, at) => ({ Id: `${at}`, ReceiptHandle }))
        await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
        got.deleted += others.length
      }
    }
    const topic = (metric: string) => `${metric}{bus="sqs",topic="orders"}`
    const counts = await service.counts()
    delete counts['bytes_total{bus="sqs",operation="process",topic="orders"}']
    expect(counts).to.deep.equal({
      [topic('events_published_total')]: tally.sent,
      'events_failed_total{bus="sqs",reason="InvalidMessageContents",topic="orders"}': tally.refused + 1,
      'events_failed_total{bus="sqs",reason="Error",topic="orders"}': 1,
      'batch_size_count{bus="sqs",operation="publish",topic="orders"}': tally.batches,
      'bytes_total{bus="sqs",operation="publish",topic="orders"}': tally.bytes + 'crashrefusegone'.length,
      [topic('events_consumed_total')]: got.deleted,
      'events_failed_total{bus="sqs",reason="returned",topic="orders"}': got.returned,
      'events_failed_total{bus="sqs",reason="redelivered",topic="orders"}': forgotten.length,
      [topic('redeliveries_total')]: got.again,
      'batch_size_count{bus="sqs",operation="process",topic="orders"}': got.batches,
      [topic('events_in_flight')]: 0,
      [topic('processing_duration_seconds_count')]: got.deleted + got.returned + forgotten.length,
      [topic('queue_depth')]: 0,
    })
    expect(got.deleted).to.equal(tally.sent)
    handle.stop()
    expect(client.middlewareStack.identify()).to.deep.equal(before)
    client.destroy()
  })

  for (const deadLetters of [true, undefined]) {
    it(`SQS: what is given back when its queue gives it up, with deadLetters ${deadLetters}`, async () => {
      endpoint.maxReceiveCount = 3
      const client = new SQS({ endpoint: endpoint.url, region: 'eu-west-1', credentials })
      const QueueUrl = `${endpoint.url}/000000000000/orders`
      service.metrics.instrumentBus(client, { name: 'sqs', deadLetters })
      for (let i = 0; i < 20; i++) await client.sendMessage({ QueueUrl, MessageBody: String(i) })
      const receive = async () => {
        const { Messages = [] } = await client.receiveMessage({
          QueueUrl,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
          VisibilityTimeout: 60,
        })
        return Messages[0]
      }
      let returned = 0
      let deleted = 0
      for (let message = await receive(); message !== undefined; message = await receive()) {
        const { ReceiptHandle, Body } = message
        if (Number(Body) % 2 === 0 || (Body === '1' && message.Attributes?.ApproximateReceiveCount !== '3')) {
          await client.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })
          returned++
        } else {
          await client.deleteMessage({ QueueUrl, ReceiptHandle })
          deleted++
        }
      }
      expect([returned, deleted, endpoint.deadLetters]).to.deep.equal([32, 10, 10])
      const topic = (metric: string) => `${metric}{bus="sqs",topic="orders"}`
      expect(await service.counts()).to.deep.equal({
        [topic('events_published_total')]: 20,
        [topic('events_consumed_total')]: deleted,
        'events_failed_total{bus="sqs",reason="returned",topic="orders"}': returned,
        [topic('redeliveries_total')]: 22,
        ...(deadLetters && { [topic('dead_letters_total')]: endpoint.deadLetters }),
        'batch_size_count{bus="sqs",operation="process",topic="orders"}': returned + deleted,
        [topic('events_in_flight')]: 0,
        [topic('processing_duration_seconds_count')]: returned + deleted,
      })
      client.destroy()
    })
  }

  it('SNS: published one by one and in batches', async () => {
    const client = new SNSClient({ endpoint: endpoint.url, region: 'eu-west-1', credentials, maxAttempts: 1 })
    service.metrics.instrumentBus(client, { name: 'sns' })
    const TopicArn = 'arn:aws:sns:eu-west-1:000000000000:orders'
    for (let i = 0; i < 20; i++) await client.send(new PublishCommand({ TopicArn, Message: 'x' }))
    await client.send(new PublishCommand({ TopicArn, Message: 'refuse' })).catch(() => undefined)
    await client.send(new PublishCommand({ PhoneNumber: '+123456789', Message: 'x' }))
    const PublishBatchRequestEntries = ['x', 'refuse', 'x'].map((Message, at) => ({ Id: `${at}`, Message }))
    await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))
    const counts = await service.counts()
    const reasons = Object.keys(counts).filter((series) => series.startsWith('events_failed_total'))
    for (const series of reasons) delete counts[series]
    expect(reasons.sort()).to.deep.equal([
      'events_failed_total{bus="sns",reason="InvalidParameter",topic="orders"}',
      'events_failed_total{bus="sns",reason="InvalidParameterException",topic="orders"}',
    ])
    expect(counts).to.deep.equal({
      'events_published_total{bus="sns",topic="orders"}': 22,
      'events_consumed_total{bus="sns",topic="orders"}': 0,
      'batch_size_count{bus="sns",operation="publish",topic="orders"}': 1,
      'events_published_total{bus="sns",topic="(phone)"}': 1,
      'events_consumed_total{bus="sns",topic="(phone)"}': 0,
    })
    client.destroy()
  })
})
