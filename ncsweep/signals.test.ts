import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { writeRoots } from '@ncsweep/orchestrator/engine/store/roots';
import { planSweep as cellsOf } from '@ncsweep/orchestrator/planning/plan/plan';
import { commitAll } from '@ncsweep/orchestrator/testing/fake-results';
import { DirectoryStore } from '@ncsweep/protocol/store/directory-store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from './index.ts';

const { checkStore, collectGarbage, diffSweeps, findSweep, planSweep, pullResults, readReport, tellStory, verifySweep } = library;

const sweep = { ...exampleSweep, seeds: [1] };
const reason = new Error('enough');
let store = '';
beforeAll(async () => {
  store = await mkdtemp(path.join(tmpdir(), 'ncsweep-signals-'));
  const plan = cellsOf(sweep, 'wasm', sweep.execution.evaluationBatchSize);
  await writeRoots(plan, new DirectoryStore(store));
  await commitAll(plan, new DirectoryStore(store));
});
afterAll(() => rm(store, { recursive: true }));

interface Options {
  readonly store: string;
  readonly signal: AbortSignal;
  readonly backend: 'wasm';
}
const calls: Readonly<Record<string, (options: Options) => Promise<unknown>>> = {
  planSweep: (options) => planSweep(sweep, options),
  findSweep: (options) => findSweep('example', options),
  readReport: (options) => readReport('example', options),
  diffSweeps: (options) => diffSweeps('example', 'example', options),
  pullResults: (options) => pullResults('example', options),
  verifySweep: (options) => verifySweep('example', options),
  tellStory: (options) => tellStory('abcdef', options),
  checkStore: (options) => checkStore(options),
  collectGarbage: (options) => collectGarbage(options),
};

describe('an aborted signal', () => {
  it.each(Object.entries(calls))('ends %s with its reason', async (_, call) => {
    await expect(call({ store, backend: 'wasm', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it.each(['planSweep', 'readReport', 'diffSweeps', 'checkStore', 'collectGarbage'])(
    'ends %s while it reads the store',
    async (name) => {
      const stop = new AbortController();
      const running = calls[name]!({ store, backend: 'wasm', signal: stop.signal });
      setImmediate(() => stop.abort(reason));
      await expect(running).rejects.toBe(reason);
      expect(await checkStore({ store })).toMatchObject({ results: 98 }); // and leaves no lock
    },
  );
});
