#!/usr/bin/env node
import { run } from './run'

process.exitCode = run(process.argv.slice(2), process.env, {
  out: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => console.error(`meterkit: error: ${text}`),
})
