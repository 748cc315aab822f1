import { expect } from 'chai'
import { markOf, type ProcessFacts, processRole, REGISTERED } from '../../src/config/process-role'

describe('The role of a process', () => {
  const facts: ProcessFacts = {
    argv: ['/usr/bin/node', '/srv/app.js'],
    env: {},
    pid: 100,
    isMainThread: true,
    isRunning: (pid) => pid === 7,
  }
  const marked = (mark: string) => ({ ...facts, env: { [REGISTERED]: mark } })

  it('is its own where nobody has started it', () => {
    expect(processRole(facts, undefined)).to.equal('main')
    expect(processRole({ ...facts, argv: ['/usr/bin/node'] }, undefined)).to.equal('main')
  })

  it('is that of a child where a running process left its mark, for the same port', () => {
    expect(processRole(marked(markOf(7, undefined)), undefined)).to.equal('child')
    expect(processRole(marked(markOf(7, 0)), 0)).to.equal('child')
  })

  it('is its own where it was given a port, where its parent has ended, or where the mark is its own or none', () => {
    expect(processRole(marked(markOf(7, undefined)), 9465)).to.equal('main')
    expect(processRole(marked(markOf(7, 9464)), 9465)).to.equal('main')
    expect(processRole(marked(markOf(8, undefined)), undefined)).to.equal('main')
    expect(processRole({ ...marked(markOf(100, undefined)), isRunning: () => true }, undefined)).to.equal('main')
    for (const mark of ['', ':', 'x:', '-1:', '0:']) {
      expect(processRole({ ...marked(mark), isRunning: () => true }, undefined), mark).to.equal('main')
    }
  })

  it('is that of a thread in a worker, whatever else is true', () => {
    expect(processRole({ ...marked(markOf(7, undefined)), isMainThread: false }, undefined)).to.equal('thread')
  })

  for (const program of [
    '/usr/bin/npm',
    '/usr/lib/node_modules/npm/bin/npm-cli.js',
    'C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npx-cli.js',
    '/srv/node_modules/.bin/tsx',
    '/srv/node_modules/tsx/dist/cli.mjs',
    '/srv/node_modules/@nestjs/cli/bin/nest.js',
    '/root/.cache/node/corepack/v1/pnpm/10.0.0/bin/pnpm.cjs',
    '/srv/node_modules/nodemon/bin/nodemon.js',
    '/srv/node_modules/pm2/lib/Daemon.js',
  ]) {
    it(`is that of a launcher for ${program}`, () => {
      expect(processRole({ ...facts, argv: ['/usr/bin/node', program] }, undefined)).to.equal('launcher')
    })
  }

  for (const program of [
    '/srv/nest.js',
    '/srv/dotenv/index.js',
    '/srv/bin/www',
    '/srv/node_modules/pm2/lib/ProcessContainerFork.js',
    '/srv/bin/npm-mirror.js',
  ]) {
    it(`is an application's for ${program}`, () => {
      expect(processRole({ ...facts, argv: ['/usr/bin/node', program] }, undefined)).to.equal('main')
    })
  }
})
