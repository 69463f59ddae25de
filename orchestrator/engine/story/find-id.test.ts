import { exampleSweep } from '@ncsweep/catalog/testing/example-sweep';
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import { MemoryStore } from '@ncsweep/protocol/testing/memory-store';
import { beforeEach, describe, expect, it } from 'vitest';
import { planSweep } from '../../planning/plan/plan.ts';
import { attemptId, commitAll, fakeValue, parkFake } from '../../testing/fake-results.ts';
import { findStory } from './find-id.ts';
import { ingest } from '../ingest/ingest.ts';

const plan = planSweep({ ...exampleSweep, seeds: [1] }, 'wasm', 100);
const training = plan.trainings[0]!;
const perturbed = plan.evaluations.find((g) => g.snapshot === training.cells.at(-1) && g.cells[0]!.inputs.length === 2)!
  .cells[0]!;
let store: MemoryStore;
beforeEach(() => {
  store = new MemoryStore();
});
const put = (key: string, value: unknown) => store.put(key, encodeJson(value));

describe('findStory', () => {
  it('tells a done cell by the first digits of its id', async () => {
    await commitAll(plan, store);
    await put(keys.start(perturbed.cellId, attemptId), {
      v: 1,
      taskId: 'a'.repeat(64),
      worker: 'w1',
      node: 'n',
      buildId: 'b',
      startedAt: 1000,
      expiresAt: 9000,
    });
    await put(keys.end(perturbed.cellId, attemptId), { v: 1, outcome: 'committed' });
    const story = await findStory([plan], store, perturbed.cellId.slice(0, 20).toUpperCase());
    expect(story).toMatchObject({
      cellId: perturbed.cellId,
      sweep: 'example',
      kind: 'evaluate',
      state: 'done',
      params: perturbed.params,
      label: expect.stringMatching(/^plain seed 1 epoch 60 pgd10 .* (train|test)$/) as string,
      inputs: [{ label: 'plain seed 1 epoch 60', state: 'done' }, { state: 'done' }],
      attempts: [{ attemptId, start: { worker: 'w1' }, end: { outcome: 'committed' } }],
      result: { artifacts: [{ name: 'metrics.parquet' }], times: { computeMs: 2000 } },
    });
  });

  it('tells a trial with its own metrics', async () => {
    await commitAll(plan, store);
    const { trials } = await ingest(plan.sweep, plan, store);
    const trial = trials.find((t) => t.cellId === perturbed.cellId && t.layer === 'conv2' && t.pooling === 'gap')!;
    const story = await findStory([plan], store, trial.trialId);
    expect(story).toMatchObject({ trialId: trial.trialId, layer: 'conv2', pooling: 'gap', cell: { cellId: trial.cellId } });
    const values = 'metrics' in story ? story.metrics.map((m) => [m.metric, m.value]) : [];
    expect(values).toContainEqual(['nc1', fakeValue(trial.cellId, 'conv2', 'gap')]);
    expect(values).toContainEqual(['accuracy', 0.5]);
    expect(values).toHaveLength(4);
  });

  it('tells a failure with its log, and what is blocked by it', async () => {
    const [zero] = training.cells;
    await parkFake(store, zero!.cellId);
    expect(await findStory([plan], store, zero!.cellId)).toMatchObject({
      state: 'parked',
      failure: { logTail: 'epoch 3 loss NaN' },
    });
    const blocked = await findStory([plan], store, perturbed.cellId);
    expect(blocked).toMatchObject({ state: 'blocked', inputs: [{ state: 'blocked' }, { state: 'blocked' }] });
  });

  it('finds in the store what no known sweep plans', async () => {
    await commitAll(plan, store);
    expect(await findStory([], store, perturbed.cellId.slice(0, 12))).toMatchObject({
      cellId: perturbed.cellId,
      attempts: [{ attemptId }],
    });
  });

  it('refuses what is no id, is unknown, or is ambiguous', async () => {
    await expect(findStory([plan], store, 'abc')).rejects.toThrow(InvalidInputError);
    await expect(findStory([plan], store, 'quickstart')).rejects.toThrow(InvalidInputError);
    await expect(findStory([plan], store, '0'.repeat(64))).rejects.toThrow(NotFoundError);
    await put(keys.result(`abcdef1${'0'.repeat(57)}`), {});
    await put(keys.result(`abcdef2${'0'.repeat(57)}`), {});
    await expect(findStory([], store, 'abcdef')).rejects.toThrow(/abcdef1.*abcdef2.*more digits/);
  });
});
