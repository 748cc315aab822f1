import { printAddedTime } from './added'
import { breakerCalls } from './breaker-contestants'

async function main(): Promise<void> {
  for (const calls of await breakerCalls()) {
    await printAddedTime(`Circuit breaker, ${calls.library}: time of a call, and what measuring adds to it`, calls)
  }
  // The timers of the breakers would keep the process.
  process.exit()
}

void main()
