/** Has the instrumentations of HTTP be the oldest that are supported. */
const Module = require('node:module')

const resolve = Module._resolveFilename
Module._resolveFilename = function (name, ...args) {
  const [, short] = /^@opentelemetry\/(instrumentation-(?:http|undici))$/.exec(name) ?? []
  return resolve.call(this, short === undefined ? name : `oldest-${short}`, ...args)
}
