import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const unit = [
  '{protocol,catalog,collapse,orchestrator,worker,report,ncsweep,cli,bench,scripts,test/golden,test/docs,test/studies}/**/*.test.ts',
];

/** Every process that a test starts would strip and compile the same modules again; so does the installed command, see cli/bin. */
const compileCache = { NODE_COMPILE_CACHE: new URL('.cache/node-compile', import.meta.url).pathname };

const cores = availableParallelism();

interface Tier {
  readonly name: string;
  readonly include: readonly string[];
  /** Of one test, in seconds. */
  readonly patience: number;
  /** Files that run side by side. */
  readonly files: number;
  readonly env?: Readonly<Record<string, string>>;
}

const tier = ({ name, include, patience, files, env }: Tier, groupOrder: number) => ({
  test: {
    name,
    include: [...include],
    testTimeout: 1000 * patience,
    hookTimeout: 1000 * patience,
    pool: 'forks' as const,
    maxConcurrency: 2,
    maxWorkers: files,
    sequence: { groupOrder },
    env: { ...compileCache, ...env },
  },
});

const tiers: readonly Tier[] = [
  { name: 'unit', include: unit, patience: 30, files: cores },
  { name: 'integration', include: ['test/integration/**/*.test.ts'], patience: 300, files: cores },
  { name: 'native', include: ['worker/**/*.test.ts'], patience: 60, files: 1, env: { NCSWEEP_TEST_BACKEND: 'native-cpu' } },
  { name: 'torch', include: ['test/torch/**/*.test.ts'], patience: 300, files: 1 },
  { name: 'servers', include: ['test/servers/**/*.test.ts'], patience: 300, files: cores },
  // Each has a control plane for itself, which keeps a core busy.
  { name: 'kube', include: ['test/kube/**/*.test.ts'], patience: 400, files: Math.min(6, cores) },
  // Each has the machine's container runtime for itself.
  { name: 'pods', include: ['test/pods/**/*.test.ts'], patience: 400, files: 1 },
  { name: 'faults', include: ['test/faults/**/*.test.ts'], patience: 900, files: cores },
  { name: 'browser', include: ['test/browser/**/*.test.ts'], patience: 400, files: 1 },
];

/** One project per tier; scripts/test.ts names the tiers that run. */
export default defineConfig({ test: { projects: tiers.map(tier) } });
