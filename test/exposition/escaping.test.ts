import { expect } from 'chai'
import type { Format } from '../../src/exposition/format'
import { negotiateFormat } from '../../src/exposition/negotiate'
import type { Escaping } from '../../src/model/escaping'
import { ExpositionHouse, type HouseOptions, lines, samples } from '../support/exposition-house'

const openMetrics = (escaping: Escaping): Format =>
  negotiateFormat(`application/openmetrics-text;version=1.0.0;escaping=${escaping}`)
const text = (escaping: Escaping): Format => negotiateFormat(`text/plain;version=1.0.0;escaping=${escaping}`)

/** Names of both front doors that only quotes can hold, beside plain ones. */
function house(options: HouseOptions = {}): ExpositionHouse {
  const made = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes', ...options })
  const { metrics } = made
  metrics
    .counter({ name: 'bestellungen.größe_total', help: 'Größe "in" Stück', labelNames: ['land', 'zahl.art'] })
    .add(2, { land: 'de', 'zahl.art': 'bar' })
  metrics.gauge({ name: 'plain', labelNames: ['a.b'] }).set(1, { 'a.b': 'x' })
  metrics.gauge({ name: 'a "quoted" \\ name\n' }).set(3)
  const duration = made.meter().createHistogram('http.server.request.duration', {
    description: 'Durations',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.5] },
  })
  duration.record(0.25, { 'http.route': '/' })
  duration.record(0.25)
  return made
}

async function pageOf(made: ExpositionHouse, format: Format): Promise<string> {
  return (await made.page(format)).toString()
}

describe('exposition: names of any characters', () => {
  it('stand in quotes in OpenMetrics where UTF-8 is allowed', async () => {
    expect(await pageOf(house(), openMetrics('allow-utf-8'))).to.equal(
      lines(
        '# TYPE "a \\"quoted\\" \\\\ name\\n" gauge',
        '{"a \\"quoted\\" \\\\ name\\n"} 3',
        '# TYPE "bestellungen.größe" counter',
        '# HELP "bestellungen.größe" Größe \\"in\\" Stück',
        '{"bestellungen.größe_total",land="de","zahl.art"="bar"} 2',
        '# TYPE "http.server.request.duration_seconds" histogram',
        '# UNIT "http.server.request.duration_seconds" seconds',
        '# HELP "http.server.request.duration_seconds" Durations',
        '{"http.server.request.duration_seconds_bucket",le="0.5"} 1',
        '{"http.server.request.duration_seconds_bucket",le="+Inf"} 1',
        '{"http.server.request.duration_seconds_sum"} 0.25',
        '{"http.server.request.duration_seconds_count"} 1',
        '{"http.server.request.duration_seconds_bucket","http.route"="/",le="0.5"} 1',
        '{"http.server.request.duration_seconds_bucket","http.route"="/",le="+Inf"} 1',
        '{"http.server.request.duration_seconds_sum","http.route"="/"} 0.25',
        '{"http.server.request.duration_seconds_count","http.route"="/"} 1',
        '# TYPE plain gauge',
        'plain{"a.b"="x"} 1',
        '# EOF',
      ),
    )
  })

  it('stand in quotes in text 1.0.0 where UTF-8 is allowed', async () => {
    expect(await pageOf(house(), text('allow-utf-8'))).to.equal(
      lines(
        '# TYPE "a \\"quoted\\" \\\\ name\\n" gauge',
        '{"a \\"quoted\\" \\\\ name\\n"} 3',
        '# HELP "bestellungen.größe_total" Größe "in" Stück',
        '# TYPE "bestellungen.größe_total" counter',
        '{"bestellungen.größe_total",land="de","zahl.art"="bar"} 2',
        '# HELP "http.server.request.duration_seconds" Durations',
        '# TYPE "http.server.request.duration_seconds" histogram',
        '{"http.server.request.duration_seconds_bucket",le="0.5"} 1',
        '{"http.server.request.duration_seconds_bucket",le="+Inf"} 1',
        '{"http.server.request.duration_seconds_sum"} 0.25',
        '{"http.server.request.duration_seconds_count"} 1',
        '{"http.server.request.duration_seconds_bucket","http.route"="/",le="0.5"} 1',
        '{"http.server.request.duration_seconds_bucket","http.route"="/",le="+Inf"} 1',
        '{"http.server.request.duration_seconds_sum","http.route"="/"} 0.25',
        '{"http.server.request.duration_seconds_count","http.route"="/"} 1',
        '# TYPE plain gauge',
        'plain{"a.b"="x"} 1',
      ),
    )
  })

  const ESCAPED: Readonly<Record<Exclude<Escaping, 'allow-utf-8'>, readonly string[]>> = {
    underscores: [
      'a__quoted____name_ 3',
      'bestellungen_gr__e_total{land="de",zahl_art="bar"} 2',
      'http_server_request_duration_seconds_bucket{le="0.5"} 1',
      'http_server_request_duration_seconds_bucket{le="+Inf"} 1',
      'http_server_request_duration_seconds_sum 0.25',
      'http_server_request_duration_seconds_count 1',
      'http_server_request_duration_seconds_bucket{http_route="/",le="0.5"} 1',
      'http_server_request_duration_seconds_bucket{http_route="/",le="+Inf"} 1',
      'http_server_request_duration_seconds_sum{http_route="/"} 0.25',
      'http_server_request_duration_seconds_count{http_route="/"} 1',
      'plain{a_b="x"} 1',
    ],
    dots: [
      'a____quoted________name__ 3',
      'bestellungen_dot_gr____e__total{land="de",zahl_dot_art="bar"} 2',
      'http_dot_server_dot_request_dot_duration__seconds_bucket{le="0.5"} 1',
      'http_dot_server_dot_request_dot_duration__seconds_bucket{le="+Inf"} 1',
      'http_dot_server_dot_request_dot_duration__seconds_sum 0.25',
      'http_dot_server_dot_request_dot_duration__seconds_count 1',
      'http_dot_server_dot_request_dot_duration__seconds_bucket{http_dot_route="/",le="0.5"} 1',
      'http_dot_server_dot_request_dot_duration__seconds_bucket{http_dot_route="/",le="+Inf"} 1',
      'http_dot_server_dot_request_dot_duration__seconds_sum{http_dot_route="/"} 0.25',
      'http_dot_server_dot_request_dot_duration__seconds_count{http_dot_route="/"} 1',
      'plain{a_dot_b="x"} 1',
    ],
    values: [
      'U__a_20__22_quoted_22__20__5c__20_name_a_ 3',
      'U__bestellungen_2e_gr_f6__df_e__total{land="de",U__zahl_2e_art="bar"} 2',
      'U__http_2e_server_2e_request_2e_duration__seconds_bucket{le="0.5"} 1',
      'U__http_2e_server_2e_request_2e_duration__seconds_bucket{le="+Inf"} 1',
      'U__http_2e_server_2e_request_2e_duration__seconds_sum 0.25',
      'U__http_2e_server_2e_request_2e_duration__seconds_count 1',
      'U__http_2e_server_2e_request_2e_duration__seconds_bucket{U__http_2e_route="/",le="0.5"} 1',
      'U__http_2e_server_2e_request_2e_duration__seconds_bucket{U__http_2e_route="/",le="+Inf"} 1',
      'U__http_2e_server_2e_request_2e_duration__seconds_sum{U__http_2e_route="/"} 0.25',
      'U__http_2e_server_2e_request_2e_duration__seconds_count{U__http_2e_route="/"} 1',
      'plain{U__a_2e_b="x"} 1',
    ],
  }
  for (const escaping of ['underscores', 'dots', 'values'] as const) {
    it(`are escaped by ${escaping} for who asks for that`, async () => {
      const made = house()
      const sorted = (list: readonly string[]) => [...list].sort()
      expect(sorted(samples(await pageOf(made, text(escaping))))).to.deep.equal(sorted(ESCAPED[escaping]))
      expect(sorted(samples(await pageOf(made, openMetrics(escaping))))).to.deep.equal(sorted(ESCAPED[escaping]))
    })
  }

  it('are underscores in formats that know no other names, and for who says nothing', async () => {
    const made = house()
    const classic = await pageOf(made, text('underscores'))
    expect(await made.text()).to.equal(classic)
    expect(await pageOf(made, negotiateFormat('text/plain;version=0.0.4;escaping=allow-utf-8'))).to.equal(classic)
    expect(await made.openMetrics()).to.equal(await pageOf(made, openMetrics('underscores')))
  })

  it('are of each scraper alone, whoever came before', async () => {
    const made = house()
    const page = await pageOf(made, openMetrics('allow-utf-8'))
    await pageOf(made, text('values'))
    await made.text()
    expect(await pageOf(made, openMetrics('allow-utf-8'))).to.equal(page)
  })

  it("are OpenTelemetry's own without any translation, which leaves counters in OpenMetrics without a type", async () => {
    const made = new ExpositionHouse({ translationStrategy: 'NoTranslation' })
    made.meter().createCounter('jobs.done', { unit: 'By' }).add(1)
    expect(await pageOf(made, openMetrics('allow-utf-8'))).to.equal(
      lines('# TYPE "jobs.done" unknown', '{"jobs.done"} 1', '# EOF'),
    )
  })

  it('are plain names for every scraper by default', async () => {
    const made = new ExpositionHouse()
    made.meter().createCounter('foo.bar', { unit: 'By' }).add(1, { 'a.b': 'x' })
    expect(samples(await pageOf(made, openMetrics('allow-utf-8')))).to.deep.equal(['foo_bar_bytes_total{a_b="x"} 1'])
  })

  it('that come to one name when they are escaped share a family, or are left out and told of', async () => {
    const made = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes' })
    made.metrics.gauge({ name: 'a.b', labelNames: ['x'] }).set(1, { x: '1' })
    made.metrics.gauge({ name: 'a-b', labelNames: ['x'] }).set(2, { x: '2' })
    made.metrics.histogram({ name: 'a_b', buckets: [] }).record(1)
    expect(samples(await pageOf(made, text('allow-utf-8')))).to.deep.equal([
      '{"a-b",x="2"} 2',
      '{"a.b",x="1"} 1',
      'a_b_bucket{le="+Inf"} 1',
      'a_b_sum 1',
      'a_b_count 1',
    ])
    expect(made.logged).to.deep.equal([])
    expect(samples(await made.text())).to.deep.equal(['a_b{x="1"} 1', 'a_b{x="2"} 2'])
    expect(made.logged).to.deep.equal([
      'left "a_b" of "meterkit" out of the page: "a_b" is a histogram, but the first metric of that name is a gauge. Rename one of them with a view.',
    ])
  })

  it('are merged where labels come to one name when they are escaped', async () => {
    const made = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes' })
    const counter = made.meter().createCounter('c')
    counter.add(1, { 'a.b': 'x' })
    counter.add(10, { 'a-b': 'x' })
    counter.add(100, { 'a.b': 'x', 'a-b': 'y' })
    expect(samples(await pageOf(made, text('allow-utf-8')))).to.deep.equal([
      'c_total{"a-b"="x"} 10',
      'c_total{"a-b"="y","a.b"="x"} 100',
      'c_total{"a.b"="x"} 1',
    ])
    expect(samples(await made.text())).to.deep.equal(['c_total{a_b="x"} 11', 'c_total{a_b="y;x"} 100'])
  })

  it('are merged in quotes too, in the order of their names and without empty ones', async () => {
    const made = new ExpositionHouse({ translationStrategy: 'NoUTF8EscapingWithSuffixes' })
    const counter = made.meter().createCounter('c')
    counter.add(1, { 'b="1",c': 'x', a: '' })
    counter.add(2, { 'b="1",c': 'x' })
    counter.add(4, { 'b.c': 1, 'a "': 'y' })
    counter.add(8, { 'b.c': '1', 'a "': 'y' })
    expect(samples(await pageOf(made, text('allow-utf-8')))).to.deep.equal([
      'c_total{"a \\""="y","b.c"="1"} 12',
      'c_total{"b=\\"1\\",c"="x"} 3',
    ])
  })

  it('may be those of constant labels and of the resource', async () => {
    const made = new ExpositionHouse({
      translationStrategy: 'NoUTF8EscapingWithSuffixes',
      constantLabels: { 'k.1': 'a', 'k-1': 'b' },
      resource: { 'service.name': 'orders', 'service-name': 'x' },
    })
    made.metrics.gauge({ name: 'g' }).set(1)
    made.metrics.gauge({ name: 'h', labelNames: ['a'] }).set(2, { a: 'x' })
    expect(samples(await pageOf(made, text('allow-utf-8')))).to.deep.equal([
      'target_info{"service-name"="x","service.name"="orders"} 1',
      'g{"k.1"="a","k-1"="b"} 1',
      'h{"k.1"="a","k-1"="b",a="x"} 2',
    ])
    expect(samples(await made.text())).to.deep.equal([
      'target_info{service_name="x;orders"} 1',
      'g{k_1="a;b"} 1',
      'h{k_1="a;b",a="x"} 2',
    ])
  })

  it('are refused of the service itself where they are not to be kept', () => {
    const { metrics } = new ExpositionHouse({ translationStrategy: 'UnderscoreEscapingWithoutSuffixes' })
    expect(() => metrics.gauge({ name: 'a.b' })).to.throw('name must be letters, digits, "_" or ":"')
  })

  for (const [options, fault] of [
    [{ name: '' }, 'name must be well-formed text that is not empty and has no NUL, got "". Write "jobs_total".'],
    [{ name: 'a\0' }, 'name must be well-formed text that is not empty and has no NUL, got "a\\u0000". Write "a_".'],
    [
      { name: 'a\ud800' },
      'name must be well-formed text that is not empty and has no NUL, got "a\\ud800". Write "a_".',
    ],
    [
      { name: 'a', labelNames: ['\udc00'] },
      'a label name must be well-formed text that is not empty and has no NUL, got "\\udc00". Write "key".',
    ],
    [
      { name: 'a', labelNames: ['__é'] },
      'a label name must be without "__" at its start, which Prometheus keeps for itself, got "__é". Write "key".',
    ],
  ] as const) {
    it(`have to be text: ${fault}`, () => {
      const { metrics } = new ExpositionHouse({ translationStrategy: 'NoTranslation' })
      expect(() => metrics.gauge(options)).to.throw(`Cannot create gauge "${options.name}": ${fault}`)
    })
  }
})
