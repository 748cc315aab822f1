const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node')

require('./sdk.cjs').startSdk({ instrumentations: [getNodeAutoInstrumentations()] })
