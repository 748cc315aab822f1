import { printAddedBytes } from './added'
import { busCalls } from './bus-contestants'

async function main(): Promise<void> {
  await printAddedBytes('Buses: allocation of a message, and what measuring adds to it', busCalls())
  process.exit()
}

void main()
