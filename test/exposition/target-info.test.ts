import { expect } from 'chai'
import { ExpositionHouse, lines } from '../support/exposition-house'

describe('exposition: target_info', () => {
  const resource = {
    'service.name': 'orders "eu"',
    'process.pid': 12,
    'host.up': true,
    tags: ['a', 'b'],
    none: undefined,
  }

  it('has the attributes of the resource, in each format under its own type', async () => {
    const house = new ExpositionHouse({ resource, constantLabels: { env: 'test' } })
    const sample =
      'target_info{host_up="true",process_pid="12",service_name="orders \\"eu\\"",tags="[\\"a\\",\\"b\\"]"} 1'
    expect(await house.text()).to.equal(
      lines(
        '# HELP target_info Target metadata',
        '# TYPE target_info gauge',
        sample.replaceAll('"[\\"a\\",\\"b\\"]"', '"[\\"a\\",\\"b\\"]"'),
      ),
    )
    expect(await house.openMetrics()).to.equal(
      lines('# TYPE target info', '# HELP target Target metadata', sample, '# EOF'),
    )
  })

  it('joins the values of attributes that come to one label, in the order of their names', async () => {
    const house = new ExpositionHouse({ resource: { a_b: 'second', 'a.b': 'first', '1st': 'x', ü: 'y' } })
    expect(await house.text()).to.contain('target_info{key_1st="x",a_b="first;second",key="y"} 1\n')
  })

  it('has no braces where the resource is empty', async () => {
    const house = new ExpositionHouse({ resource: {} })
    expect(await house.text()).to.contain('\ntarget_info 1\n')
  })

  it('gives way to a metric of that name', async () => {
    const house = new ExpositionHouse({ resource })
    house.metrics.gauge({ name: 'target_info' }).set(7)
    expect(await house.text()).to.equal(lines('# TYPE target_info gauge', 'target_info 7'))
  })

  it('is a gauge in OpenMetrics beside a metric called target, which the info would be called too', async () => {
    const house = new ExpositionHouse({ resource: { a: 'b' } })
    house.metrics.gauge({ name: 'target' }).set(7)
    expect(await house.openMetrics()).to.equal(
      lines(
        '# TYPE target_info gauge',
        '# HELP target_info Target metadata',
        'target_info{a="b"} 1',
        '# TYPE target gauge',
        'target 7',
        '# EOF',
      ),
    )
  })
})
