const { join } = require('node:path')

const root = join(__dirname, '../..')

module.exports = {
  rewrites: async () => [{ source: '/short/:name', destination: '/page/:name' }],
  turbopack: { root },
  outputFileTracingRoot: root,
}
