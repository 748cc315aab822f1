import 'reflect-metadata'
import { Controller, Get, Module, Param, Sse } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Observable } from 'rxjs'
import { Boom } from './support.mjs'

/** What a compiler makes of decorators: JavaScript has none for parameters. */
function method(target, name, decorators, parameters = []) {
  for (const [index, decorator] of parameters.entries()) decorator?.(target.prototype, name, index)
  for (const decorator of decorators) {
    decorator(target.prototype, name, Object.getOwnPropertyDescriptor(target.prototype, name))
  }
}

class OrgController {
  user(params) {
    return params
  }
  boom() {
    throw new Boom('boom')
  }
  slow() {
    return new Promise(() => {})
  }
  stream() {
    return new Observable((subscriber) => {
      subscriber.next({ data: 1 })
      const end = globalThis.endStreams
      globalThis.endStreams = () => {
        subscriber.complete()
        end()
      }
    })
  }
}
method(OrgController, 'user', [Get('users/:user')], [Param()])
method(OrgController, 'boom', [Get('boom')])
method(OrgController, 'slow', [Get('slow')])
method(OrgController, 'stream', [Sse('stream')])
Controller('org/:org')(OrgController)

class AppModule {}
Module({ controllers: [OrgController] })(AppModule)

/** Serves the application on an adapter; on Express where none is given. */
export async function serveNest({ adapter, middleware, plugins = [] } = {}) {
  const options = { logger: false, abortOnError: false }
  const app =
    adapter === undefined
      ? await NestFactory.create(AppModule, options)
      : await NestFactory.create(AppModule, adapter, options)
  if (middleware !== undefined) app.use(middleware)
  for (const { plugin, options } of plugins) await app.register(plugin, options)
  await app.listen(0, '127.0.0.1')
  return app.getHttpServer()
}
