import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import * as ts from 'typescript'
import { createMetrics, initMetrics, measured as processMeasured } from '../../../src/init'
import { measuredBy as measuredByService } from '../../../src/instrument/functions/measured'
import { TestService } from '../../support/test-service'
import { calls, measuredBy } from './support'

class Declined extends Error {}

const root = join(__dirname, '../../..')

describe('@measured()', () => {
  let service: TestService | undefined
  const measured = (name?: string) => measuredByService(() => service?.metrics, name)
  const found = async () => (service === undefined ? {} : await measuredBy(service))

  beforeEach(() => {
    service = new TestService()
  })

  it('measures methods under class and method, with this, arguments, results and errors as they are', async () => {
    class Orders {
      readonly placed: string[] = []
      @measured()
      place(item: string, amount = 1): string {
        if (item === '') throw new Declined()
        this.placed.push(`${amount} ${item}`)
        return item
      }
      @measured()
      async load(id: number): Promise<number> {
        return id
      }
      @measured('orders.count')
      static count(): string {
        return 'many'
      }
    }
    const orders = new Orders()
    expect(orders.place('lamp', 3)).to.equal('lamp')
    expect(orders.placed).to.deep.equal(['3 lamp'])
    expect(() => orders.place('')).to.throw(Declined)
    expect(await orders.load(7)).to.equal(7)
    expect(Orders.count()).to.equal('many')
    expect(orders.place.name).to.equal('place')
    expect(orders.place.length).to.equal(1)
    expect(Object.keys(Orders.prototype)).to.deep.equal([])
    expect(await found()).to.deep.equal({
      ...calls('Orders.place', 2, 0),
      'function_errors_total Orders.place Declined': 1,
      ...calls('Orders.load', 1, 0),
      ...calls('orders.count', 1, 0),
    })
  })

  it('names the class that has the method, whoever inherits it; symbols and private methods too', async () => {
    const key = Symbol('run')
    class Base {
      @measured()
      work(): string {
        return 'base'
      }
      @measured()
      static make(): string {
        return 'made'
      }
      @measured()
      [key](): number {
        return this.#secret()
      }
      @measured()
      #secret(): number {
        return 42
      }
    }
    class Derived extends Base {
      @measured()
      override work(): string {
        return `derived ${super.work()}`
      }
    }
    class Plain extends Base {}
    expect(new Derived().work()).to.equal('derived base')
    expect(new Plain().work()).to.equal('base')
    expect(Plain.make()).to.equal('made')
    expect(new Base()[key]()).to.equal(42)
    const { work } = new Plain()
    expect(work()).to.equal('base')
    expect(await found()).to.deep.equal({
      ...calls('Derived.work', 1, 0),
      ...calls('Base.work', 3, 0),
      ...calls('Base.make', 1, 0),
      ...calls('Base.[run]', 1, 0),
      ...calls('Base.#secret', 1, 0),
    })
  })

  it('measures by the service that there is when a method is called, and without one calls it as it is', async () => {
    service = undefined
    class Late {
      @measured()
      work(): string {
        return 'worked'
      }
    }
    const late = new Late()
    expect(late.work()).to.equal('worked')
    const first = new TestService()
    service = first
    late.work()
    const second = new TestService()
    service = second
    late.work()
    late.work()
    expect(await measuredBy(first)).to.deep.equal(calls('Late.work', 1, 0))
    expect(await measuredBy(second)).to.deep.equal(calls('Late.work', 2, 0))
  })

  it('calls a method as it is, and says so, where its metrics cannot be made', () => {
    service?.metrics.counter({ name: 'function_calls_total' })
    class Odd {
      @measured()
      work(): string {
        return 'worked'
      }
    }
    expect([new Odd().work(), new Odd().work()]).to.deep.equal(['worked', 'worked'])
    expect(service?.log.lines.filter((line) => line.includes('not measured'))).to.have.lengthOf(1)
  })

  it('refuses what is no method, and a name that is none', () => {
    const decorate = measured() as unknown as (value: unknown, context: object) => unknown
    for (const kind of ['field', 'getter', 'accessor', 'class']) {
      expect(() => decorate(undefined, { kind, name: 'total' })).to.throw(
        `Cannot measure "total": what @measured() decorates must be a method, got "${kind}"`,
      )
    }
    expect(() => measured('')).to.throw('Cannot measure method "": its name must be')
  })

  it('works with experimentalDecorators, keeps the metadata of other decorators, and compiles in both ways', async () => {
    const source = `
      import { measured, type MeasuredDecorator } from '${join(root, 'src/index')}'
      const decorator: MeasuredDecorator = measured()
      const tagged = new WeakMap<object, string>()
      export class Shop {
        constructor(readonly name = 'corner') {}
        @measured() sell(item: string): string { return this.name + ' sells ' + item }
        @measured('shop.open') static async open(hour: number): Promise<number> { return hour }
        @decorator refund(this: Shop, ...amounts: number[]): number { return amounts.length }
      }
      export { tagged }
    `
    const folder = mkdtempSync(join(root, 'test/instrument/functions/compiled-'))
    try {
      const file = join(folder, 'shop.ts')
      writeFileSync(file, source)
      for (const experimentalDecorators of [true, false]) {
        const options: ts.CompilerOptions = {
          module: ts.ModuleKind.NodeNext,
          target: ts.ScriptTarget.ES2023,
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: true,
          noEmit: true,
          types: ['node'],
          experimentalDecorators,
        }
        const program = ts.createProgram([file], options)
        const diagnostics = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
        const texts = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
        expect(texts, `experimentalDecorators: ${experimentalDecorators}`).to.deep.equal([])
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }

    const legacy = measured() as unknown as (target: object, key: string, descriptor: PropertyDescriptor) => void
    class Legacy {
      sell(item: string): string {
        return `sold ${item}`
      }
      static open(): string {
        return 'open'
      }
      get total(): number {
        return 1
      }
    }
    const { sell } = Legacy.prototype
    for (const [target, key] of [
      [Legacy.prototype, 'sell'],
      [Legacy, 'open'],
    ] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor
      legacy(target, key, descriptor)
      Object.defineProperty(target, key, descriptor)
    }
    // As reflect-metadata finds what was kept for a function: along its prototypes.
    expect(Object.getPrototypeOf(Legacy.prototype.sell)).to.equal(sell)
    expect(new Legacy().sell('lamp')).to.equal('sold lamp')
    expect(Legacy.open()).to.equal('open')
    const total = Object.getOwnPropertyDescriptor(Legacy.prototype, 'total') as PropertyDescriptor
    expect(() => legacy(Legacy.prototype, 'total', total)).to.throw('must be a method, got "accessor"')
    expect(() => legacy(Legacy.prototype, 'field', undefined as never)).to.throw('must be a method, got "property"')
    expect(await found()).to.deep.equal({ ...calls('Legacy.sell', 1, 0), ...calls('Legacy.open', 1, 0) })
  }).timeout(60_000)

  it('of the package measures by the service of the process', async () => {
    class Orders {
      @processMeasured()
      place(): string {
        return 'placed'
      }
    }
    const orders = new Orders()
    const isolated = createMetrics({ exporters: [], http: false, runtime: false, logger: false })
    orders.place()
    const metrics = initMetrics({ exporters: [], http: false, runtime: false, logger: false })
    try {
      orders.place()
      expect((await metrics.render()).body).to.include('function_calls_total{function="Orders.place"} 1\n')
      expect((await isolated.render()).body).not.to.include('function_calls_total')
    } finally {
      await isolated.shutdown()
      await metrics.shutdown()
    }
    expect(orders.place()).to.equal('placed')
  })
})
