import { describe, expect, it } from 'vitest';
import { nothingPushed } from '../../planning/spec/pushed-data.ts';
import { engineStatus } from '../../testing/engine-status.ts';
import {
  admission,
  deleted,
  kinds,
  notAllowed,
  over,
  pools,
  refused,
  remove,
  reported,
  resource,
  seen,
  silent,
  stopped,
} from '../../testing/seen-sweep.ts';
import { admit } from './admit.ts';
import { decide, type Seen } from './decide.ts';

it('is in order when it is scaled to zero', () => {
  const judged = admit(resource({ execution: { parallelism: 0 } }), nothingPushed, { backend: 'wasm', mostCells: 1000 });
  expect(judged).toMatchObject({ kind: 'admitted', plan: { planDigest: admission.plan.planDigest } });
});

describe('the steps for a Sweep', () => {
  it.each<[string, Partial<Seen>, Seen['stage'], string[]]>([
    [
      'that runs and has no workers: a wave is created',
      { waveNames: [], jobNames: [] },
      'running',
      ['create-job', 'drain', 'drain'],
    ],
    ['that is being planned: its workers continue', { admission: undefined }, 'planning', []],
    ['whose store does not answer: its workers continue', { store: silent }, 'waiting', []],
    ['whose NATS does not answer: its workers continue', { stream: silent }, 'waiting', []],
    ['whose store has not been read yet', { hasEngine: false }, 'waiting', ['open-engine']],
    ['while results are being deleted from its store', { hasEngine: false, canOpen: false }, 'waiting', []],
    ['that is refused', { admission: refused }, 'refused', []],
    [
      'that is refused and suspended',
      { admission: refused, resource: resource({ suspend: true }) },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'whose store is no longer allowed: its workers are stopped',
      { admission: notAllowed, place: { kind: 'refused', message: 'no' } },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'whose pods are no longer allowed: its workers are stopped',
      { admission: { kind: 'refused', reason: 'PodNotAllowed', message: 'no' } },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'that requests a report in a store that is not allowed',
      {
        ...stopped(),
        admission: notAllowed,
        place: { kind: 'refused', message: 'no' },
        resource: resource({}, { annotations: { 'ncsweep.dev/report': 'now' } }),
      },
      'refused',
      [],
    ],
    ['that is suspended', { resource: resource({ suspend: true }) }, 'suspended', ['delete-job', 'let-go']],
    [
      'that is suspended before it is planned',
      { admission: undefined, resource: resource({ suspend: true }) },
      'suspended',
      ['delete-job', 'let-go'],
    ],
    [
      'that is suspended and has stopped',
      { resource: resource({ suspend: true }), waveNames: [], hasEngine: false },
      'suspended',
      [],
    ],
    ['that is scaled to zero', { resource: resource({ execution: { parallelism: 0 } }) }, 'suspended', ['delete-job', 'let-go']],
    ['that is cancelled', { resource: resource({ cancelled: true }) }, 'cancelled', ['delete-job', 'let-go']],
    [
      'that requests a report',
      { resource: resource({}, { annotations: { 'ncsweep.dev/report': 'now' } }), store: silent },
      'waiting',
      ['create-job'],
    ],
    ['that is over: a report is due', { resource: resource({}, {}, over(1)) }, 'over', ['delete-job', 'let-go', 'create-job']],
    ['that is over, has stopped and has its report', { ...stopped(), resource: reported() }, 'over', []],
  ])('%s', (_, change, stage, expected) => {
    const of = seen(change);
    expect(of.stage).toBe(stage);
    expect(kinds(of)).toEqual(expected);
  });

  it('create Jobs first, so that their resources are counted before anything else happens', () => {
    const of = seen({ resource: resource(remove, { annotations: { 'ncsweep.dev/report': 'now' } }) });
    expect(kinds(of)[0]).toBe('create-job');
  });
});

describe('the status', () => {
  it('says nothing of the queue of an earlier plan while the new plan is being made', () => {
    const { status } = decide(seen({ admission: undefined, engine: engineStatus({ finished: true }) }));
    expect(status).toMatchObject({ phase: 'Pending', observedGeneration: 3 });
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Planned', status: 'Unknown', reason: 'Planning' }),
    );
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'False' }));
    expect(status).not.toHaveProperty('counters');
  });

  it('counts cells and workers while the Sweep runs', () => {
    const wave = { name: 'w', index: 0, size: 4, ended: 1, finished: false, failed: false, running: 3, outOfMemory: false };
    const waves = { train: [{ ...wave, failuresBefore: 0, template: '', memoryStep: 0 }], evaluate: [] };
    const { status } = decide(seen({ pools: pools(resource(), { waves }) }));
    expect(status).toMatchObject({ phase: 'Running', replicas: 3, counters: { cells: 8, running: 2, done: 3 } });
  });

  it('is not written where the namespace is being deleted', () => {
    expect(decide(seen({ stage: 'leaving' })).status).toBeUndefined();
  });

  it('is not written for a Sweep that is being deleted', () => {
    expect(decide(seen({ resource: resource(remove, deleted(1)) })).status).toBeUndefined();
  });
});

describe('the next pass', () => {
  it.each<[string, Partial<Seen>, number]>([
    ['follows soon while the Sweep runs', {}, 1_000],
    ['is rare for one that is refused', { admission: refused }, 10_000],
    [
      'is rare for one that is suspended and has stopped',
      { resource: resource({ suspend: true }), waveNames: [], hasEngine: false },
      10_000,
    ],
    ['follows soon while the workers of a suspended one end', { resource: resource({ suspend: true }) }, 1_000],
    [
      'follows soon while a report is being made',
      { ...stopped(), resource: resource({}, {}, over(1)), reportJob: () => ({ state: 'running', message: '' }) },
      1_000,
    ],
    ['is rare for one that is over', { ...stopped(), resource: reported() }, 10_000],
    ['comes when its time to live ends', { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 63 }) }, 3_000],
  ])('%s', (_, change, againMs) => {
    expect(decide(seen(change)).againMs).toBe(againMs);
  });
});
