import { createRequire } from 'node:module'
import { join } from 'node:path'

/** What is used of `@grpc/grpc-js`. */
interface Grpc {
  readonly Server: new () => {
    addService(service: object, handlers: object): void
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void
    forceShutdown(): void
  }
  readonly ServerCredentials: {
    createInsecure(): unknown
    createSsl(authority: Buffer, pairs: object[], checkClient: boolean): unknown
  }
}

export interface Call {
  readonly request: Buffer
  readonly metadata: { get(name: string): readonly unknown[] }
}

export interface GrpcReceiver {
  readonly port: number
  readonly calls: readonly Call[]
  stop(): void
}

const grpc = createRequire(join(__dirname, 'node_modules', 'of-this-folder.js'))('@grpc/grpc-js') as Grpc
export const { ServerCredentials } = grpc

const same = (bytes: Buffer) => bytes
/** The one method of OTLP's service, whose messages are left as the bytes they are. */
const EXPORT = {
  export: {
    path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  },
}

/**
 * A receiver of OTLP by gRPC on a free port, which answers a request when it has been taken, with the bytes that `take` gives, or the
 * error that it throws.
 */
export async function startGrpcReceiver(
  take: (request: Buffer) => Promise<unknown> = async () => {},
  credentials: unknown = ServerCredentials.createInsecure(),
): Promise<GrpcReceiver> {
  const calls: Call[] = []
  const server = new grpc.Server()
  server.addService(EXPORT, {
    export: (call: Call, done: (error: unknown, answer?: Buffer) => void) => {
      calls.push(call)
      take(call.request).then((answer) => done(null, Buffer.isBuffer(answer) ? answer : Buffer.alloc(0)), done)
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)))
  })
  return { port, calls, stop: () => server.forceShutdown() }
}
