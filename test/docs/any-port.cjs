/**
 * Loaded in front of a program from the documentation, which uses the ports that a reader would use: 9464, 3000.
 * Here each server takes a free port, believes that it has the one it asked for, and is reached under that one
 * by the same process; and no server keeps the process alive, so that the program ends when its code has.
 */
const net = require('node:net')

const actualPorts = new Map()
const wantedPorts = new WeakMap()

const { listen, address } = net.Server.prototype

net.Server.prototype.listen = function (...args) {
  const options = typeof args[0] === 'object' && args[0] !== null ? args[0] : undefined
  const wanted = Number(options === undefined ? args[0] : options.port)
  if (wanted > 0) {
    args[0] = options === undefined ? 0 : { ...options, port: 0 }
    this.once('listening', () => {
      wantedPorts.set(this, wanted)
      actualPorts.set(wanted, address.call(this).port)
    })
  }
  listen.apply(this, args)
  return this.unref()
}

net.Server.prototype.address = function () {
  const actual = address.call(this)
  const wanted = wantedPorts.get(this)
  return wanted === undefined || actual === null ? actual : { ...actual, port: wanted }
}

const { connect } = net.Socket.prototype

net.Socket.prototype.connect = function (...args) {
  // http and fetch pass options that were normalised to [options, callback] already.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  const actual = typeof options === 'object' && options !== null ? actualPorts.get(Number(options.port)) : undefined
  if (actual !== undefined) options.port = actual
  return connect.apply(this, args)
}
