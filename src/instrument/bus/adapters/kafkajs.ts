import { hasMethods } from '../../has-methods'
import type { BusAdapter } from '../bus-adapter'
import { type Consumer, watchConsumer } from './kafkajs-consumer'
import { type Producer, watchProducer } from './kafkajs-producer'

const isProducer = (bus: object): bus is Producer => hasMethods(bus, 'send', 'sendBatch', 'transaction', 'connect')
const isConsumer = (bus: object): bus is Consumer => hasMethods(bus, 'run', 'subscribe', 'seek', 'pause', 'connect')

/**
 * Kafka by kafkajs, or by the interface of `@confluentinc/kafka-javascript` that follows it: a producer or a consumer.
 * Published is what the broker took, in a transaction when that is committed. Consumed is what `eachMessage` or `eachBatch`
 * handled.
 */
export const kafkajsAdapter: BusAdapter<Producer | Consumer> = {
  library: 'kafkajs and @confluentinc/kafka-javascript (Kafka)',
  system: 'kafka',

  recognises(bus) {
    return isProducer(bus) || isConsumer(bus)
  },

  watch(bus, recorder) {
    return isProducer(bus) ? watchProducer(bus, recorder) : watchConsumer(bus as Consumer, recorder)
  },
}
