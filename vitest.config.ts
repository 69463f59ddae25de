import { defineConfig } from 'vitest/config';

const unit = ['{protocol,catalog,collapse,orchestrator,worker,report,ncsweep,cli,bench,test/golden,test/docs}/**/*.test.ts'];

/** Every process that a test starts would strip and compile the same modules again; so does the installed command, see cli/bin. */
const compileCache = { NODE_COMPILE_CACHE: new URL('.cache/node-compile', import.meta.url).pathname };

const tier = (name: string, include: string[], testTimeout: number, env: Record<string, string> = {}) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, pool: 'forks' as const, maxConcurrency: 2, env: { ...compileCache, ...env } },
});

/** One project per tier; scripts/test.ts names the tiers that run. */
export default defineConfig({
  test: {
    projects: [
      tier('unit', unit, 30_000),
      tier('integration', ['test/integration/**/*.test.ts'], 300_000),
      tier('native', ['worker/**/*.test.ts'], 60_000, { NCSWEEP_TEST_BACKEND: 'native-cpu' }),
      tier('servers', ['test/servers/**/*.test.ts'], 120_000),
      tier('kube', ['test/kube/**/*.test.ts'], 120_000),
      tier('pods', ['test/pods/**/*.test.ts'], 240_000),
      tier('faults', ['test/faults/**/*.test.ts'], 900_000),
      tier('browser', ['test/browser/**/*.test.ts'], 120_000),
    ],
  },
});
