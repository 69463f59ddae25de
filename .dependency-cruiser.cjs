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

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, dependencyTypesNot: ['type-only'] } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node' } },
    layer('protocol', ['collapse', 'orchestrator', 'worker', 'report', 'cli', 'test', 'bench']),
    layer('collapse', ['protocol', 'orchestrator', 'worker', 'report', 'cli', 'test', 'bench']),
    layer('orchestrator', ['collapse', 'worker', 'report', 'cli', 'bench']),
    layer('worker', ['orchestrator', 'report', 'cli', 'bench']),
    layer('report', ['collapse', 'orchestrator', 'worker', 'cli', 'bench']),
    layer('cli', ['worker', 'bench']),
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
