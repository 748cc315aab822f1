require('./sdk.cjs').startSdk()
