/**
 * Which way the doors open: the map in docs/ARCHITECTURE.md as rules, for `npm run depcruise`.
 * A room may import itself and the rooms named here. Type imports count like any other.
 */
const rooms = {
  model: [],
  store: ['model'],
  facade: ['model', 'store'],
  otel: ['model', 'store'],
  exposition: ['model', 'store'],
  push: ['model', 'store', 'otel', 'exposition'],
  endpoint: ['model', 'store', 'exposition', 'health'],
  instrument: ['model', 'facade'],
  health: ['model', 'store'],
  alerts: ['model'],
  dashboards: ['model'],
  config: ['model'],
  cli: ['model', 'config', 'alerts', 'dashboards', 'exposition'],
}

/** Made from the definitions of every instrument, so they may read those files and nothing else beside them. */
const readsDefinitions = ['alerts', 'dashboards']

const names = Object.keys(rooms)

function roomRule(room) {
  const allowed = [room, ...rooms[room]].map((name) => `^src/${name}/`)
  if (readsDefinitions.includes(room)) allowed.push('\\.metrics\\.ts$')
  return {
    name: `${room}-imports-only-its-own`,
    comment: `${room}/ may import ${rooms[room].length === 0 ? 'no other room' : rooms[room].join(', ')}.`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: '^src/', pathNot: allowed },
  }
}

module.exports = {
  forbidden: [
    ...names.map(roomRule),
    {
      name: 'every-folder-is-a-room',
      comment: 'A new folder of src/ needs its line in the table above and in docs/ARCHITECTURE.md.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${names.join('|')})/` },
      to: {},
    },
    {
      name: 'only-init-wires',
      comment:
        'metrics-service.ts, ways-out.ts and init.ts are the composition root. index.ts names, and register.ts calls, what they make.',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: '^src/(metrics-service|ways-out|init|index|register|esbuild)\\.ts$' },
      to: {},
    },
    {
      name: 'register-only-starts',
      severity: 'error',
      from: { path: '^src/register\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(init\\.ts$|config/)' },
    },
    {
      name: 'esbuild-only-names-modules',
      comment: 'It runs in builds, which shall not load what measures.',
      severity: 'error',
      from: { path: '^src/esbuild\\.ts$' },
      to: { path: '^src/', pathNot: '^src/model/' },
    },
    {
      name: 'init-imports-no-entry',
      severity: 'error',
      from: { path: '^src/(metrics-service|ways-out|init)\\.ts$' },
      to: { path: '^src/(index|register|esbuild)\\.ts$' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'no-dead-file',
      comment: 'Every file of src/ is reached from an entry: what nothing imports is not shipped.',
      severity: 'error',
      from: { path: '^src/(index|register|esbuild)\\.ts$|^src/cli/' },
      to: { path: '^src/', pathNot: '^src/((index|register|esbuild)\\.ts$|cli/)', reachable: false },
    },
    {
      name: 'model-needs-no-package',
      comment: 'Definitions know nothing of OpenTelemetry or of any other package.',
      severity: 'error',
      from: { path: '^src/model/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'src-needs-only-declared-packages',
      comment: 'What src/ imports, types included, is in dependencies or peerDependencies of package.json.',
      severity: 'error',
      from: { path: '^src/' },
      // The api is a peer and, for our own tests, a devDependency too: it then carries both types.
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'src-stays-in-src',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|docs|dist)/' },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
}
