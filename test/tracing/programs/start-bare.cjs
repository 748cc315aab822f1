require('./sdk.cjs').startSdk({ instrumentations: [] })
