type Decorator = (target: object, name?: string, descriptor?: PropertyDescriptor) => void
type ParameterDecorator = (target: object, name: string, index: number) => void
type Class = new () => object

interface Nest {
  listen(port: number, host: string): Promise<unknown>
  getUrl(): Promise<string>
}

/** Starts an application of NestJS on one of its adapters and gives its port. */
export async function startNest(adapter: 'express' | 'fastify'): Promise<number> {
  // NestJS imports it as ES modules do, which instrumentations see only with a loader hook: what is loaded by then, they have.
  if (adapter === 'express') require('express')
  require('reflect-metadata')
  const { NestFactory } = require('@nestjs/core') as {
    NestFactory: { create(module: Class, ...adapterAndOptions: object[]): Promise<Nest> }
  }
  const options = { logger: false }
  const app =
    adapter === 'express'
      ? await NestFactory.create(applicationModule(), options)
      : await NestFactory.create(applicationModule(), fastifyAdapter(), options)
  await app.listen(0, '127.0.0.1')
  return Number(new URL(await app.getUrl()).port)
}

/** What a compiler makes of decorators. */
function applicationModule(): Class {
  const { Controller, Get, Module, Param } = require('@nestjs/common') as {
    Controller(path: string): Decorator
    Get(path: string): Decorator
    Module(contents: object): Decorator
    Param(): ParameterDecorator
  }
  class Users {
    one(parameters: unknown): unknown {
      return parameters
    }
  }
  Param()(Users.prototype, 'one', 0)
  Get(':id')(Users.prototype, 'one', Object.getOwnPropertyDescriptor(Users.prototype, 'one'))
  Controller('users')(Users)
  class Application {}
  Module({ controllers: [Users] })(Application)
  return Application
}

function fastifyAdapter(): object {
  const { FastifyAdapter } = require('@nestjs/platform-fastify') as { FastifyAdapter: Class }
  return new FastifyAdapter()
}
