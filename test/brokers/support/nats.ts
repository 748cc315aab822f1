import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { Broker } from './broker'
import type { Suite } from './suite'

/** A connection that outlives a restart of the server, closed when the test is over. */
export async function connectNats(suite: Suite<Broker>): Promise<NatsConnection> {
  const connection = await connect({
    port: suite.broker.port,
    reconnectTimeWait: 20,
    maxReconnectAttempts: -1,
    timeout: 20_000,
  })
  suite.closing(() => connection.close())
  return connection
}
