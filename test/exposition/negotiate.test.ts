import { expect } from 'chai'
import { acceptsGzip, negotiateFormat } from '../../src/exposition/negotiate'

const TEXT = 'text/plain; version=0.0.4; charset=utf-8'
const TEXT_1 = 'text/plain; version=1.0.0; charset=utf-8'
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8'
const PROTOBUF = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'

describe('exposition: the format that an Accept header asks for', () => {
  const cases: Readonly<Record<string, readonly [accept: string | undefined, contentType: string]>> = {
    'nothing: text': [undefined, TEXT],
    'an empty header: text': ['', TEXT],
    'Prometheus 2.42': [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    'Prometheus 2.42 with native histograms': [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      PROTOBUF,
    ],
    'Prometheus 2.4 and older, which knew the draft of OpenMetrics alone': [
      'application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      TEXT,
    ],
    'Prometheus 3.5': [
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      `${OPENMETRICS}; escaping=allow-utf-8`,
    ],
    'Prometheus 3.5 with legacy names': [
      'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      `${OPENMETRICS}; escaping=underscores`,
    ],
    'Prometheus 3.5 with names escaped by dots': [
      'application/openmetrics-text;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.2',
      `${OPENMETRICS}; escaping=dots`,
    ],
    'an escaping that stands with another format alone, which is good for all': [
      'application/openmetrics-text;version=1.0.0,text/plain;version=1.0.0;escaping=values;q=0.5',
      `${OPENMETRICS}; escaping=values`,
    ],
    'an escaping for text 0.0.4, which has none': ['text/plain;version=0.0.4;escaping=allow-utf-8', TEXT],
    'Prometheus 3.5 with native histograms': [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
      `${PROTOBUF}; escaping=allow-utf-8`,
    ],
    'Prometheus 3.5 told to scrape text': [
      'text/plain;version=1.0.0;escaping=values;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4',
      `${TEXT_1}; escaping=values`,
    ],
    'text 1.0.0, which always says how names are escaped': [
      'text/plain;version=1.0.0',
      `${TEXT_1}; escaping=underscores`,
    ],
    'an escaping that is made up, and is not sent back': [
      'application/openmetrics-text;version=1.0.0;escaping="x\r\nSet-Cookie: a=b"',
      `${OPENMETRICS}; escaping=underscores`,
    ],
    VictoriaMetrics: ['text/plain;version=0.0.4;q=1,*/*;q=0.1', TEXT],
    'a browser': ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', TEXT],
    curl: ['*/*', TEXT],
    'any text': ['text/*', TEXT],
    'any application': ['application/*', OPENMETRICS],
    'OpenMetrics of any version': ['application/openmetrics-text', OPENMETRICS],
    'OpenMetrics of another version: text': ['application/openmetrics-text;version=2.0.0', TEXT],
    'text of another version: text of ours': ['text/plain;version=0.0.3', TEXT],
    'only what we do not write: text': ['application/json', TEXT],
    'the higher quality, whatever comes first': ['text/plain;q=0.4,application/openmetrics-text;q=0.5', OPENMETRICS],
    'of equal quality what comes first': ['application/openmetrics-text,text/plain', OPENMETRICS],
    'of equal quality what comes first, the other way round': ['text/plain,application/openmetrics-text', TEXT],
    'quality 0: never': ['application/openmetrics-text;q=0,text/plain;q=0.1', TEXT],
    'quality 0 of text, anything else': ['text/plain;q=0,*/*', OPENMETRICS],
    'quality 0 of all: text all the same': ['*/*;q=0', TEXT],
    'protobuf without a word on its messages': ['application/vnd.google.protobuf', PROTOBUF],
    'protobuf, written otherwise': [
      'APPLICATION/vnd.google.protobuf; Encoding="delimited"; proto=io.prometheus.client.MetricFamily;q=0.9,*/*;q=0.1',
      PROTOBUF,
    ],
    'other messages': [
      'application/vnd.google.protobuf;proto=io.prometheus.client.Other;encoding=delimited,text/plain;q=0.1',
      TEXT,
    ],
    'protobuf as text': [
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text,text/plain;q=0.1',
      TEXT,
    ],
    'protobuf only for who names it': ['*/*,text/plain;q=0.2,application/openmetrics-text;q=0.3', OPENMETRICS],
    'the closest range, not the best': ['*/*;q=0.9,text/plain;q=0.2,application/openmetrics-text;q=0.3', OPENMETRICS],
    'a version over any version': [
      'application/openmetrics-text;q=0.2,application/openmetrics-text;version=1.0.0;q=0.9,text/plain;q=0.5',
      OPENMETRICS,
    ],
    'upper case, spaces and quotes': [
      'Application/OpenMetrics-Text ; Version="1.0.0" ; Q=1.000 , text/plain;q=0.5',
      OPENMETRICS,
    ],
    'a type that only contains one of ours': ['x-text/plain,application/openmetrics-text-2', TEXT],
    'a quality that is none: as if it were 0': ['application/openmetrics-text;q=2,text/plain;q=0.1', TEXT],
    'a quality that is no number: as if it were 0': ['application/openmetrics-text;q=high,text/plain;q=0.1', TEXT],
    'garbage: text': [';;;,,,=;q=;/\\"\u0000\uffff,*,/', TEXT],
  }
  for (const [title, [accept, contentType]] of Object.entries(cases)) {
    it(title, () => {
      expect(negotiateFormat(accept).contentType).to.equal(contentType)
    })
  }

  it('says how names are to be escaped', () => {
    const asked = (accept: string) => negotiateFormat(accept).escaping
    for (const escaping of ['allow-utf-8', 'underscores', 'dots', 'values']) {
      expect(asked(`application/openmetrics-text;version=1.0.0;escaping=${escaping}`)).to.equal(escaping)
      expect(asked(`text/plain;version=1.0.0;escaping=${escaping.toUpperCase()}`)).to.equal(escaping)
      expect(asked(`text/plain;version=0.0.4;escaping=${escaping}`)).to.equal('underscores')
    }
    for (const accept of ['', 'application/openmetrics-text', 'text/plain;version=1.0.0', 'text/plain;escaping=U']) {
      expect(asked(accept), accept).to.equal('underscores')
    }
  })

  it('a huge header is read in part', () => {
    expect(negotiateFormat(`application/openmetrics-text,${'text/plain,'.repeat(1e6)}`).contentType).to.equal(
      OPENMETRICS,
    )
    expect(negotiateFormat(`${'x/y,'.repeat(1e6)}application/openmetrics-text`).contentType).to.equal(TEXT)
  })
})

describe('exposition: whether an Accept-Encoding header asks for gzip', () => {
  const cases: readonly [acceptEncoding: string | undefined, gzip: boolean][] = [
    [undefined, false],
    ['', false],
    ['gzip', true],
    ['GZIP', true],
    ['x-gzip', true],
    ['gzip, deflate, br', true],
    ['deflate, br;q=1.0, gzip;q=0.1', true],
    ['gzip;q=0', false],
    ['gzip;q=0.000', false],
    ['gzip;q=0, *', false],
    ['*', true],
    ['*;q=0', false],
    ['*;q=0, gzip', true],
    ['identity', false],
    ['identity, gzip', true],
    ['identity, gzip;q=0.5', false],
    ['identity;q=0.5, gzip;q=1.0', true],
    ['identity;q=0', false],
    ['br', false],
    ['not-gzip, gzipped', false],
    ['gzip;q=nonsense', false],
  ]
  for (const [acceptEncoding, gzip] of cases) {
    it(`${JSON.stringify(acceptEncoding)}: ${gzip ? 'gzip' : 'plain'}`, () => {
      expect(acceptsGzip(acceptEncoding)).to.equal(gzip)
    })
  }
})
