import { printAddedTime } from './added'
import { busCalls } from './bus-contestants'

async function main(): Promise<void> {
  for (const calls of busCalls()) {
    await printAddedTime(`Bus, ${calls.library}: time of a message, and what measuring adds to it`, calls)
  }
  process.exit()
}

void main()
