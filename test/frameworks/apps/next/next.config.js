const { join } = require('node:path')

const root = join(__dirname, '../..')

module.exports = { turbopack: { root }, outputFileTracingRoot: root }
