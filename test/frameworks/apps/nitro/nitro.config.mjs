export default { preset: 'node-server', serverDir: '.', logLevel: 1, compatibilityDate: '2026-01-01' }
