import { expect } from 'chai'
import { DeliveryPosition } from '../../../src/instrument/bus/adapters/jetstream-message'

describe('what the subject tells by which a message of JetStream is acknowledged', () => {
  const library = { subject: 'orders', seq: 7, info: { deliveryCount: 3 } }
  const read = (reply: string | undefined) => {
    const { deliveries, sequence } = new DeliveryPosition().of({ ...library, ...(reply !== undefined && { reply }) })
    return [deliveries, sequence]
  }

  it('is how often it was delivered, and its number, with a domain and an account or without', () => {
    expect(read('$JS.ACK.ORDERS.worker.1.1234567890123.9.1700000000000000000.0')).to.deep.equal([1, 1234567890123])
    expect(read('$JS.ACK.2.3.12.34.9.1700000000000000000.0')).to.deep.equal([12, 34])
    expect(read('$JS.ACK._.hash.ORDERS.worker.2.5.9.1700000000000000000.0')).to.deep.equal([2, 5])
    expect(read('$JS.ACK.hub.4.5.6.2.8.9.1700000000000000000.0.token')).to.deep.equal([2, 8])
  })

  it('is left to the library where it is of another form', () => {
    for (const reply of [
      undefined,
      '',
      '_INBOX.1',
      '$JS.ACK.ORDERS',
      '$JS.ACK.ORDERS.worker.x.1.1.1.1',
      '$JS.ACK.a.b.1.2.3.4.5.6',
    ]) {
      expect(read(reply), reply).to.deep.equal([3, 7])
    }
  })
})
