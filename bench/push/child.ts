import { CONTESTANTS, type Temporality } from './contestants'

const LABEL_SETS = 10_000

/** A contestant's process: for each question it records once in all label sets, and answers the CPU time of sending that. */
function main([name = '', temporality = '', url = '']: readonly string[]): void {
  const make = CONTESTANTS[name]
  if (make === undefined) throw new Error(`There is no contestant "${name}".`)
  const contestant = make(url, temporality as Temporality)
  process.on('disconnect', () => process.exit())
  process.on('message', async () => {
    contestant.record(LABEL_SETS)
    // What recording leaves is not part of sending.
    global.gc?.()
    const start = process.cpuUsage()
    await contestant.push()
    const { user, system } = process.cpuUsage(start)
    process.send?.((user + system) / 1_000)
  })
  process.send?.('ready')
}

main(process.argv.slice(2))
