import { printAddedBytes } from './added'
import { breakerCalls } from './breaker-contestants'

async function main(): Promise<void> {
  const title = 'Circuit breakers: allocation of a call, and what measuring adds to it'
  await printAddedBytes(title, await breakerCalls())
  process.exit()
}

void main()
