/** Who may import whom: docs/architecture.md draws the same rules. */
const sdkHome = (name, sdk, home) => ({
  name,
  comment: `${sdk} has one home: ${home}`,
  severity: 'error',
  from: { pathNot: home },
  to: { path: sdk },
});
const layer = (from, forbidden) => ({
  name: `${from}-layer`,
  severity: 'error',
  from: { path: `^${from}/` },
  to: { path: `^(${forbidden.join('|')})/` },
});

/** A room of the orchestrator and the rooms whose doors are shut to it. */
const room = (from, forbidden) => ({
  name: `${from}-room`,
  severity: 'error',
  from: { path: `^orchestrator/${from}/` },
  to: { path: `^orchestrator/(${forbidden.join('|')})/` },
});
/** What decides and never acts. Types of what acts may be named; nothing of it may be loaded. */
const pure = '^(catalog|report/aggregate|orchestrator/(planning|engine/state|cluster/(decide|jobs))|ncsweep/dash/state)/';
const test = '[.]test[.]ts$';
/** Puts the schemas of what crosses process boundaries together, wherever they are; nothing that runs loads it. */
const contracts = '^catalog/contract-schemas[.]ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node' } },
    layer('protocol', ['catalog', 'collapse', 'orchestrator', 'worker', 'report', 'ncsweep', 'cli', 'test', 'bench']),
    layer('catalog', ['orchestrator', 'worker', 'report', 'ncsweep', 'cli', 'test', 'bench']),
    layer('collapse', ['protocol', 'catalog', 'orchestrator', 'worker', 'report', 'ncsweep', 'cli', 'test', 'bench']),
    layer('orchestrator', ['collapse', 'worker', 'report', 'ncsweep', 'cli', 'bench']),
    layer('worker', ['orchestrator', 'report', 'ncsweep', 'cli', 'bench']),
    layer('report', ['collapse', 'orchestrator', 'worker', 'ncsweep', 'cli', 'bench']),
    layer('ncsweep', ['worker', 'cli', 'test', 'bench']),
    layer('cli', ['worker', 'test', 'bench']),
    {
      name: 'cli-acts-through-the-library',
      comment: 'commands parse, call ncsweep and print; of the rest they load only what plans (pure), and name types',
      severity: 'error',
      from: { path: '^cli/', pathNot: test },
      to: { path: ['^orchestrator/(?!planning/)', '^report/', '^collapse/'], dependencyTypesNot: ['type-only'] },
    },
    room('planning', ['engine', 'cluster', 'kube']),
    room('engine', ['cluster', 'kube']),
    room('cluster', ['kube']),
    room('kube', ['engine']),
    {
      name: 'rooms-load-nothing-of-main',
      comment: 'the library uses the rooms without the main program and its settings',
      severity: 'error',
      from: { path: '^orchestrator/(planning|engine|cluster|kube)/', pathNot: test },
      to: { path: '^orchestrator/[^/]+[.]ts$' },
    },
    {
      name: 'pure-parts-do-no-io',
      comment: 'what they need to know is handed to them',
      severity: 'error',
      from: { path: pure, pathNot: test },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'page-runs-in-a-browser',
      comment:
        'what the live page loads is served to a browser as it is: its own files, what it shares with its server, and its libraries',
      severity: 'error',
      from: { path: '^ncsweep/dash/page/', pathNot: test },
      to: {
        pathNot: ['^ncsweep/dash/(page|state)/', '/(preact|@preact/signals|@preact/signals-core|htm)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'pure-parts-load-no-shell',
      comment:
        'the catalog, report/aggregate, planning, engine/state, cluster/decide and cluster/jobs load only each other and the pure files of protocol',
      severity: 'error',
      from: { path: pure, pathNot: [test, contracts] },
      to: {
        path: ['^orchestrator/', '^protocol/(store|stream)/(?!sequence-gaps)', '^ncsweep/'],
        pathNot: pure,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'test-support-stays-in-tests',
      severity: 'error',
      from: { path: '^(protocol|catalog|orchestrator|worker|report)/(?!testing/)', pathNot: test },
      to: { path: '^(protocol|catalog|orchestrator|worker|report)/testing/' },
    },
    {
      name: 'declared',
      comment: 'a package installs what its own package.json names, and nothing that another workspace brought',
      severity: 'error',
      from: { path: '^(protocol|catalog|collapse|orchestrator|worker|report|ncsweep|cli)/', pathNot: [test, '/testing/'] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], pathNot: '/@ncsweep/' },
    },
    sdkHome('client-node-home', '@kubernetes/client-node', '^orchestrator/kube/'),
    sdkHome('nats-home', '@nats-io/', '^protocol/stream/'),
    sdkHome('aws-home', '@aws-sdk/', '^protocol/store/'),
    sdkHome('native-tensorflow-home', '@tensorflow/tfjs-node', '^worker/backend/'),
    {
      name: 'collapse-is-pure',
      severity: 'error',
      from: { path: '^collapse/', pathNot: '[.]test[.]ts$' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};
