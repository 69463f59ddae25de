import type { SweepStatus } from '@ncsweep/protocol/status';
import { describe, expect, it } from 'vitest';
import { nothingPushed } from '../../planning/spec/pushed-data.ts';
import { engineStatus } from '../../testing/engine-status.ts';
import type { PodTemplate } from '../jobs/pod.ts';
import type { Wave } from '../jobs/pool-plan.ts';
import { admit, type Admission, type Admitted } from './admit.ts';
import { decide, type Seen } from './decide.ts';
import { finalizer } from './deletion.ts';
import { afterStop, nothingMade, type PoolsSeen } from './pools.ts';
import { stageOf } from './stage.ts';
import type { SweepResource } from './sweep-resource.ts';

const nowMs = Date.UTC(2026, 0, 2);
const minutesAgo = (minutes: number): string => new Date(nowMs - minutes * 60_000).toISOString();

const resource = (spec: object = {}, metadata: object = {}, status?: SweepStatus): SweepResource => {
  const of = { name: 'a', namespace: 'lab', uid: 'uid-of-a', generation: 3, ...metadata };
  const asked = {
    dataset: [{ name: 'prototypes' as const }],
    architecture: [{ name: 'mlp' }],
    training: [{ name: 'ST', epochs: 2 }],
    seed: ['1..2'],
    grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
    ...spec,
  };
  return status === undefined ? { metadata: of, spec: asked } : { metadata: of, spec: asked, status };
};

const admission = admit(resource(), nothingPushed, { backend: 'wasm', mostCells: 1000 }) as Admitted;
const notAllowed: Admission = { kind: 'refused', reason: 'StoreNotAllowed', message: 'no' };
const refused: Admission = { kind: 'refused', reason: 'InvalidSpec', message: 'no' };

const podTemplate: PodTemplate = {
  image: 'worker:1',
  imagePullPolicy: 'IfNotPresent',
  imagePullSecrets: [],
  environment: [],
  volumes: [],
  volumeMounts: [],
  nodeSelector: {},
  tolerations: [],
  hostNetwork: false,
  scratch: '1Gi',
  priorityClassName: undefined,
  overlay: {},
};
const store = { location: 's3://b/p' };
const cpu = { cpu: '1' };
const workerTemplate = { ...podTemplate, resources: { train: cpu, evaluate: cpu } };
const pools = (of: SweepResource, change: Partial<PoolsSeen> = {}): PoolsSeen => ({
  install: { install: 'lab', template: workerTemplate },
  store,
  resource: of,
  sweep: admission.plan.sweep,
  backend: 'wasm',
  waves: { train: [], evaluate: [] },
  queued: { train: 2, evaluate: 0 },
  memorySteps: { train: 0, evaluate: 0 },
  busyWaves: [],
  weights: {},
  problems: { train: undefined, evaluate: undefined },
  share: undefined,
  usage: { pods: 0, gpus: 0 },
  memory: nothingMade,
  nowMs,
  ...change,
});
const ready = { ready: true, reason: 'Ready', message: '' };
const silent = { ready: false, reason: 'Unreachable', message: 'no answer' };

/** A running Sweep, apart from the given changes. */
function seen(change: Partial<Seen> = {}): Seen {
  const of = change.resource ?? resource();
  const judged = 'admission' in change ? change.admission : admission;
  const isReady = (change.store ?? ready).ready === true && (change.stream ?? ready).ready === true;
  const stage = change.stage ?? stageOf(of, judged, isReady && (change.hasEngine ?? true));
  return {
    stage,
    resource: of,
    admission: judged,
    store: ready,
    stream: ready,
    engine: engineStatus(),
    place: { kind: 'allowed', store },
    nameOf: () => undefined,
    nowMs,
    install: 'lab',
    reportTemplate: { ...podTemplate, resources: cpu },
    reportJob: () => undefined,
    waveNames: ['a-train-0'],
    jobNames: ['a-train-0', 'a-report-1'],
    hasPods: true,
    hasWorkers: true,
    hasEngine: true,
    canOpen: isReady,
    pools: stage === 'running' ? pools(of) : undefined,
    deletion: { location: 's3://b/p', isRunning: false, result: undefined, problem: '' },
    deletionLimitMs: 600_000,
    ...change,
  };
}
const over = (minutes: number, reason = 'Written'): SweepStatus => ({
  observedGeneration: 3,
  report: { key: 'k', generation: 3 },
  conditions: [
    {
      type: 'Complete',
      status: 'True',
      reason: 'AllCommitted',
      message: '',
      observedGeneration: 3,
      lastTransitionTime: minutesAgo(minutes),
    },
    { type: 'ReportReady', status: 'True', reason, message: '', observedGeneration: 3, lastTransitionTime: minutesAgo(minutes) },
  ],
});
const deleted = (minutes: number, more: object = {}): object => ({
  deletionTimestamp: minutesAgo(minutes),
  finalizers: ['other', finalizer],
  ...more,
});
const kinds = (of: Seen): string[] => decide(of).steps.map((step) => step.kind);
const remove = { deletionPolicy: 'Delete' as const };

it('is in order when it is scaled to zero', () => {
  const judged = admit(resource({ execution: { parallelism: 0 } }), nothingPushed, { backend: 'wasm', mostCells: 1000 });
  expect(judged).toMatchObject({ kind: 'admitted', plan: { planDigest: admission.plan.planDigest } });
});

describe('what is done about a Sweep', () => {
  it.each<[string, Partial<Seen>, Seen['stage'], string[]]>([
    [
      'that runs and has no workers: a wave is made',
      { waveNames: [], jobNames: [] },
      'running',
      ['create-job', 'drain', 'drain'],
    ],
    ['that is being planned: what works goes on', { admission: undefined }, 'planning', []],
    ['whose store is silent: what works goes on', { store: silent }, 'waiting', []],
    ['whose NATS is silent: what works goes on', { stream: silent }, 'waiting', []],
    ['whose store was not read yet', { hasEngine: false }, 'waiting', ['open-engine']],
    ['in whose store results are being deleted', { hasEngine: false, canOpen: false }, 'waiting', []],
    ['that is refused', { admission: refused }, 'refused', []],
    [
      'that is refused and suspended',
      { admission: refused, resource: resource({ suspend: true }) },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'whose store is not allowed any more: nothing works there',
      { admission: notAllowed, place: { kind: 'refused', message: 'no' } },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'whose pods are not allowed any more: nothing of it works',
      { admission: { kind: 'refused', reason: 'PodNotAllowed', message: 'no' } },
      'refused',
      ['delete-job', 'let-go'],
    ],
    [
      'of which a report is wanted where none may lie',
      {
        ...stopped(),
        admission: notAllowed,
        place: { kind: 'refused', message: 'no' },
        resource: resource({}, { annotations: { 'ncsweep.dev/report': 'now' } }),
      },
      'refused',
      [],
    ],
    [
      'that is deleted by Delete, where nothing was written',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ location: undefined }) },
      'deleting',
      ['release'],
    ],
    ['that is suspended', { resource: resource({ suspend: true }) }, 'suspended', ['delete-job', 'let-go']],
    [
      'that is suspended before it is planned',
      { admission: undefined, resource: resource({ suspend: true }) },
      'suspended',
      ['delete-job', 'let-go'],
    ],
    [
      'that is suspended, and stopped',
      { resource: resource({ suspend: true }), waveNames: [], hasEngine: false },
      'suspended',
      [],
    ],
    ['that is scaled to zero', { resource: resource({ execution: { parallelism: 0 } }) }, 'suspended', ['delete-job', 'let-go']],
    ['that is cancelled', { resource: resource({ cancelled: true }) }, 'cancelled', ['delete-job', 'let-go']],
    ['whose policy is Delete', { resource: resource(remove), store: silent }, 'waiting', ['set-finalizers']],
    [
      'whose policy was Delete',
      { resource: resource({}, { finalizers: [finalizer] }), store: silent },
      'waiting',
      ['set-finalizers'],
    ],
    [
      'whose policy is Delete, and is held',
      { resource: resource(remove, { finalizers: [finalizer] }), store: silent },
      'waiting',
      [],
    ],
    [
      'of which a report is wanted',
      { resource: resource({}, { annotations: { 'ncsweep.dev/report': 'now' } }), store: silent },
      'waiting',
      ['create-job'],
    ],
    ['that is over: a report is due', { resource: resource({}, {}, over(1)) }, 'over', ['delete-job', 'let-go', 'create-job']],
    ['that is over, stopped and reported', { ...stopped(), resource: reported() }, 'over', []],
    [
      'that is over and has outlived its time',
      { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 50 }) },
      'over',
      ['delete-sweep'],
    ],
    [
      'that is over, has outlived its time, and may have no report',
      { ...stopped(), admission: notAllowed, resource: resource({ ttlSecondsAfterFinished: 50 }, {}, over(1, 'Pending')) },
      'over',
      ['delete-sweep'],
    ],
    [
      'that is over and has not outlived its time',
      { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 70 }) },
      'over',
      [],
    ],
    [
      'whose namespace is being deleted: nothing holds its pods',
      { stage: 'leaving' },
      'leaving',
      ['delete-job', 'delete-job', 'let-go'],
    ],
    [
      'that is deleted by Retain',
      { resource: resource({}, { deletionTimestamp: minutesAgo(0) }) },
      'deleting',
      ['delete-job', 'delete-job', 'let-go'],
    ],
    [
      'that is deleted by Delete: its Jobs end first',
      { resource: resource(remove, deleted(1)) },
      'deleting',
      ['delete-job', 'delete-job', 'let-go'],
    ],
    [
      'that is deleted, and whose Job is there without pods: some may follow',
      { ...stopped(), resource: resource(remove, deleted(1)), jobNames: ['a-train-0'] },
      'deleting',
      ['delete-job'],
    ],
    [
      'that is deleted, and whose Jobs are gone before a pod',
      { ...stopped(), resource: resource(remove, deleted(1)), hasPods: true },
      'deleting',
      [],
    ],
    [
      'that is deleted, and whose Jobs and pods are gone',
      { ...stopped(), resource: resource(remove, deleted(1)) },
      'deleting',
      ['delete-results'],
    ],
    [
      'whose results are being deleted',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ isRunning: true }) },
      'deleting',
      [],
    ],
    [
      'whose results are deleted',
      { ...stopped(), resource: resource(remove, deleted(1)), deletion: deletion({ result: { cells: 2, kept: 1 } }) },
      'deleting',
      ['release'],
    ],
    [
      'whose results could not be deleted in time',
      { ...stopped(), resource: resource(remove, deleted(10)) },
      'deleting',
      ['release'],
    ],
    [
      'that is deleted when Delete was taken back',
      { ...stopped(), resource: resource({}, deleted(1)) },
      'deleting',
      ['set-finalizers'],
    ],
  ])('%s', (_, change, stage, expected) => {
    const of = seen(change);
    expect(of.stage).toBe(stage);
    expect(kinds(of)).toEqual(expected);
  });

  it('keeps its Jobs in sight until their pods are gone where results are deleted after them, and not elsewhere', () => {
    const ends = (change: Partial<Seen>) => decide(seen(change)).steps.filter(({ kind }) => kind === 'delete-job');
    const outlives = { kind: 'delete-job', outlivesPods: true };
    const atOnce = expect.not.objectContaining({ outlivesPods: true }) as unknown;
    expect(ends({ resource: resource(remove, deleted(1)) })).toMatchObject([outlives, outlives]);
    expect(ends({ resource: resource({}, deleted(1)) })).toEqual([atOnce, atOnce]);
    expect(ends({ resource: resource({ ...remove, suspend: true }) })).toEqual([atOnce]);
  });

  it('keeps the finalizers of others', () => {
    const held = decide(seen({ resource: resource(remove, { finalizers: ['other'] }) })).steps;
    expect(held).toContainEqual({ kind: 'set-finalizers', finalizers: ['other', finalizer] });
    const gone = decide(seen({ resource: resource(remove, deleted(1)), deletion: deletion({ result: { cells: 2, kept: 1 } }) }));
    expect(gone.steps).toContainEqual(
      expect.objectContaining({ kind: 'release', finalizers: ['other'], reason: 'ResultsDeleted' }),
    );
  });

  it('says why results were not deleted in time, and how to remove what is left', () => {
    const late = seen({ resource: resource(remove, deleted(10)), deletion: deletion({ problem: 'no answer' }) });
    const release = decide(late).steps.find(({ kind }) => kind === 'release');
    expect(release).toMatchObject({ type: 'Warning', reason: 'DeletionTimedOut' });
    expect(release).toMatchObject({
      message: expect.stringMatching(/no answer; .*store gc.* removes what is left in s3:\/\/b\/p/) as string,
    });
  });

  it('makes the Jobs first, so that what they take is counted before anything else happens', () => {
    const of = seen({ resource: resource(remove, { annotations: { 'ncsweep.dev/report': 'now' } }) });
    expect(kinds(of)[0]).toBe('create-job');
  });

  it('does not make what the last pass made', () => {
    const of = resource();
    const first = decide(seen({ pools: pools(of) }));
    const again = decide(seen({ pools: pools(of, { memory: first.memory!, nowMs: nowMs + 1_000 }) }));
    expect(again.steps.map(({ kind }) => kind)).toEqual(['drain', 'drain']);
  });

  it('never gives two pools of a Sweep what the namespace has room for once', () => {
    const share = { workers: 3, isLimited: true, limit: { pods: 2 } };
    const queued = { train: 5, evaluate: 5 };
    const { steps } = decide(seen({ pools: pools(resource(), { queued, share }) }));
    const sizes = steps.flatMap((step) =>
      step.kind === 'create-job' ? [(step.manifest['spec'] as { parallelism: number }).parallelism] : [],
    );
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(2);
  });
});

describe('a Sweep whose workers do not come to work', () => {
  const failedWave = (index: number, failuresBefore: number): Wave => {
    const { steps } = decide(seen());
    const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
    const { annotations } = job!['metadata'] as { annotations: Record<string, string> };
    return {
      name: `a-train-${index}`,
      index,
      size: 2,
      ended: 2,
      finished: true,
      failed: true,
      running: 0,
      outOfMemory: false,
      failuresBefore,
      template: annotations['ncsweep.dev/template']!,
      memoryStep: 0,
    };
  };
  const idle = engineStatus({ active: false });
  const crash = { reason: 'WorkersCrashing', message: 'pod p ended with 1 no GPU' } as const;
  const of = (waves: readonly Wave[], change: Partial<PoolsSeen> = {}): Seen => {
    const problems = { train: crash, evaluate: undefined };
    const changed = { waves: { train: waves, evaluate: [] }, problems, ...change };
    return seen({ engine: idle, pools: pools(resource(), changed) });
  };

  it('waits before it makes the next wave, which says how many failed before it', () => {
    const waves = [failedWave(1, 1), failedWave(0, 0)];
    const first = decide(of(waves));
    expect(first.steps.map(({ kind }) => kind)).toEqual(['delete-job', 'drain', 'drain']);
    expect(first.steps[0]).toEqual({ kind: 'delete-job', name: 'a-train-0' });
    const later = { memory: first.memory!, nowMs: nowMs + 20_000 };
    const [made] = decide(of([waves[0]!], later)).steps;
    expect(made).toMatchObject({
      kind: 'create-job',
      manifest: { metadata: { annotations: { 'ncsweep.dev/failures-before': '2' } } },
    });
  });

  it('says what the last one said while the next one is being made', () => {
    const { memory } = decide(of([failedWave(1, 1)]));
    const { status } = decide(of([failedWave(1, 1)], { memory: memory!, problems: { train: undefined, evaluate: undefined } }));
    const message = expect.stringMatching(/no GPU\. Remedy: .*ncsweep logs a -n lab/) as string;
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Progressing', reason: 'WorkersCrashing', message }),
    );
  });

  it('fails after five, in the words of the last one', () => {
    expect(decide(of([failedWave(3, 3)])).status?.phase).toBe('Pending');
    const { status, steps } = decide(of([failedWave(4, 4)]));
    const message = expect.stringMatching(/^the workers of several Jobs .*no GPU.*ncsweep retry a --failed -n lab/) as string;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'WorkersCrashing' });
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Failed', status: 'True', message }));
    expect(steps.map(({ kind }) => kind)).toEqual(['drain', 'drain']);
  });

  it('does not fail while workers of the other class work, nor for a class that has no tasks', () => {
    expect(decide({ ...of([failedWave(4, 4)]), engine: engineStatus({ active: true }) }).status?.phase).toBe('Running');
    expect(decide(of([failedWave(4, 4)], { queued: { train: 2, evaluate: 2 } })).status?.phase).toBe('Pending');
    expect(decide(of([failedWave(4, 4)], { queued: { train: 0, evaluate: 2 } })).status?.phase).toBe('Pending');
  });

  it('has more memory where it lacked at start, and still more where a task lacked it then', () => {
    const killed = { ...failedWave(0, 0), failed: false, finished: false, ended: 0, outOfMemory: true };
    const stepOf = (memorySteps: PoolsSeen['memorySteps']): unknown => {
      const { steps } = decide(of([killed], { memorySteps }));
      const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
      return (job!['metadata'] as { annotations: object }).annotations;
    };
    expect(stepOf({ train: 0, evaluate: 0 })).toMatchObject({ 'ncsweep.dev/memory-step': '1' });
    expect(stepOf({ train: 2, evaluate: 0 })).toMatchObject({ 'ncsweep.dev/memory-step': '3' });
    expect(decide(of([killed])).steps).toContainEqual({ kind: 'delete-job', name: 'a-train-0' });
  });

  it('has as many tries as at first after it was stopped', () => {
    const { memory } = decide(of([failedWave(4, 4)]));
    const again = decide(of([], { memory: afterStop(memory!), nowMs: nowMs + 1_000_000 }));
    expect(again.steps[0]).toMatchObject({
      kind: 'create-job',
      manifest: { metadata: { annotations: { 'ncsweep.dev/failures-before': '0' } } },
    });
  });
});

describe('what its status says', () => {
  it('nothing of the queue of an earlier plan while the new one is being made', () => {
    const { status } = decide(seen({ admission: undefined, engine: engineStatus({ finished: true }) }));
    expect(status).toMatchObject({ phase: 'Pending', observedGeneration: 3 });
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Planned', status: 'Unknown', reason: 'Planning' }),
    );
    expect(status?.conditions).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'False' }));
    expect(status).not.toHaveProperty('counters');
  });

  it('is that of its queue and its pools while it runs', () => {
    const wave = { name: 'w', index: 0, size: 4, ended: 1, finished: false, failed: false, running: 3, outOfMemory: false };
    const waves = { train: [{ ...wave, failuresBefore: 0, template: '', memoryStep: 0 }], evaluate: [] };
    const { status } = decide(seen({ pools: pools(resource(), { waves }) }));
    expect(status).toMatchObject({ phase: 'Running', replicas: 3, counters: { cells: 8, running: 2, done: 3 } });
  });

  it('is none where the namespace is being deleted', () => {
    expect(decide(seen({ stage: 'leaving' })).status).toBeUndefined();
  });

  it('is none for a Sweep that is being deleted', () => {
    expect(decide(seen({ resource: resource(remove, deleted(1)) })).status).toBeUndefined();
  });
});

describe('when it is looked at again', () => {
  it.each<[string, Partial<Seen>, number]>([
    ['it runs', {}, 1_000],
    ['it is refused', { admission: refused }, 10_000],
    ['it is suspended, and stopped', { resource: resource({ suspend: true }), waveNames: [], hasEngine: false }, 10_000],
    ['it is suspended, and its workers end', { resource: resource({ suspend: true }) }, 1_000],
    [
      'it is over, and waits for its report',
      { ...stopped(), resource: resource({}, {}, over(1)), reportJob: () => ({ state: 'running', message: '' }) },
      1_000,
    ],
    ['it is over', { ...stopped(), resource: reported() }, 10_000],
    ['it is over, and lives three seconds longer', { ...stopped(), resource: reported({ ttlSecondsAfterFinished: 63 }) }, 3_000],
  ])('%s', (_, change, againMs) => {
    expect(decide(seen(change)).againMs).toBe(againMs);
  });
});

/** No part of it works any more. */
function stopped(): Partial<Seen> {
  return { waveNames: [], jobNames: [], hasEngine: false, hasPods: false, hasWorkers: false };
}

/** Over for a minute, with the report that is due. */
function reported(spec: object = {}): SweepResource {
  const of = resource(spec, {}, over(1));
  const { steps } = decide(seen({ ...stopped(), resource: of }));
  const [job] = steps.flatMap((step) => (step.kind === 'create-job' ? [step.manifest] : []));
  const labels = (job!['metadata'] as { labels: Record<string, string> }).labels;
  return resource(spec, {}, { ...over(1), report: { key: labels['ncsweep.dev/report']!, generation: 3 } });
}

function deletion(change: Partial<Seen['deletion']>): Seen['deletion'] {
  return { location: 's3://b/p', isRunning: false, result: undefined, problem: '', ...change };
}
