import { sweepStatus, type Condition, type SweepStatus } from '@ncsweep/protocol/status';
import type { NamedDataset } from '@ncsweep/protocol/store/dataset-records';
import { describe, expect, it } from 'vitest';
import type { EngineStatus } from '../../engine/queue/sweep-engine.ts';
import { nothingPushed, type PushedData } from '../../planning/spec/pushed-data.ts';
import { engineStatus } from '../../testing/engine-status.ts';
import { admit, count, type Admitted } from './admit.ts';
import type { Observed } from './observed.ts';
import { statusOf } from './status.ts';
import type { SweepResource } from './sweep-resource.ts';

const spec = {
  dataset: [{ name: 'prototypes' as const }],
  architecture: [{ name: 'mlp' }],
  training: [{ name: 'ST', epochs: 2 }],
  seed: ['1..2'],
  grids: [{ name: 'g', attack: [{ name: 'fgsm', kind: 'fgsm' }], epsilon: ['4/255'] }],
};
const resource = (more: object = {}, status?: SweepStatus): SweepResource => ({
  metadata: { name: 'a', namespace: 'lab', uid: 'uid', generation: 3 },
  spec: { ...spec, ...more },
  ...(status === undefined ? {} : { status }),
});
const ours: NamedDataset = { v: 1, name: 'ours', dataset: 'cifar10', digest: 'd'.repeat(64), sizeBytes: 1 };
const pushed: PushedData = {
  location: 's3://b',
  names: new Map([
    ['ours', ours],
    ['photos', { ...ours, name: 'photos', dataset: 'image-folder', digest: 'e'.repeat(64) }],
    ['digits', { ...ours, name: 'digits', dataset: 'image-folder', digest: 'f'.repeat(64) }],
  ]),
  digests: new Set([ours.digest, 'e'.repeat(64), 'f'.repeat(64)]),
  found: new Map([['f'.repeat(64), { classes: 10, train: 100, test: 20, sides: [8, 8] }]]),
  archives: new Map(),
};
const rules = { backend: 'wasm', mostCells: 1000 } as const;
const admission = admit(resource(), nothingPushed, rules) as Admitted;

const ready = { ready: true, reason: 'Ready', message: '' };
const observed = (change: Partial<Observed> = {}): Observed => ({
  resource: resource(),
  admission,
  store: ready,
  stream: ready,
  engine: engineStatus(),
  pools: [],
  hasWorkers: false,
  report: { reason: 'Pending', message: '' },
  place: { kind: 'allowed', store: { location: 's3://b/p' } },
  nameOf: () => undefined,
  nowMs: Date.UTC(2026, 0, 2),
  ...change,
});
const conditionOf = (status: SweepStatus, type: Condition['type']): Condition => status.conditions!.find((c) => c.type === type)!;
const parked = new Map([['c1', 'nonFiniteLoss: the loss is NaN: at step 7']]);

const hourly = { execution: { activeDeadlineSeconds: 3600 } };
/** A status whose spec was accepted this many minutes ago. */
const accepted = (minutes: number): SweepStatus => statusOf(observed({ nowMs: observed().nowMs - minutes * 60_000 }));

describe('statusOf', () => {
  it.each<[string, Partial<Observed>, string, [Condition['type'], string, string]]>([
    ['running', {}, 'Running', ['Progressing', 'True', 'Running']],
    [
      'waiting for workers',
      { engine: engineStatus({ active: false }) },
      'Pending',
      ['Progressing', 'False', 'WaitingForWorkers'],
    ],
    ['complete', { engine: engineStatus({ finished: true }) }, 'Complete', ['Complete', 'True', 'AllCommitted']],
    [
      'complete but for parked cells',
      { engine: engineStatus({ finished: true, parked }) },
      'Failed',
      ['Failed', 'True', 'ParkedCells'],
    ],
    [
      'complete but for stuck cells',
      { engine: engineStatus({ finished: true, stuck: parked }) },
      'Failed',
      ['Failed', 'True', 'ParkedCells'],
    ],
    ['cancelled', { resource: resource({ cancelled: true }), engine: undefined }, 'Cancelled', ['Failed', 'True', 'Cancelled']],
    ['too late', { resource: resource(hourly, accepted(60)) }, 'Failed', ['Failed', 'True', 'DeadlineExceeded']],
    ['nearly too late', { resource: resource(hourly, accepted(59)) }, 'Running', ['Failed', 'False', 'None']],
    ['suspended', { resource: resource({ suspend: true }), engine: undefined }, 'Suspended', ['Suspended', 'True', 'BySpec']],
    [
      'scaled to zero',
      { resource: resource({ execution: { parallelism: 0 } }), engine: undefined },
      'Suspended',
      ['Suspended', 'True', 'ByScaleToZero'],
    ],
    [
      'refused',
      { admission: { kind: 'refused', reason: 'InvalidSpec', message: 'no' }, engine: undefined },
      'Invalid',
      ['Planned', 'False', 'InvalidSpec'],
    ],
    [
      'without store',
      { store: { ready: false, reason: 'AccessDenied', message: 'm' }, engine: undefined },
      'Pending',
      ['StoreReady', 'False', 'AccessDenied'],
    ],
    [
      'without stream',
      { stream: { ready: false, reason: 'Unreachable', message: 'm' } },
      'Pending',
      ['StreamReady', 'False', 'Unreachable'],
    ],
  ])('%s', (_, change, phase, [type, truth, reason]) => {
    const status = statusOf(observed(change));
    expect(status.phase).toBe(phase);
    expect(conditionOf(status, type)).toMatchObject({ status: truth, reason, observedGeneration: 3 });
    expect(sweepStatus.safeParse(status).error).toBeUndefined();
    const ended = (['Complete', 'Failed'] as const).filter((each) => conditionOf(status, each).status === 'True');
    expect(ended.length).toBeLessThanOrEqual(1);
    expect(status.phase === 'Running').toBe(conditionOf(status, 'Progressing').status === 'True');
    expect(status.eta !== undefined).toBe(status.phase === 'Running');
    if (ended.length > 0) expect(status.counters ?? { running: 0, ready: 0 }).toMatchObject({ running: 0, ready: 0 });
  });

  describe('where its queue is not known', () => {
    const before = statusOf(observed({ pools: [{ class: 'train', waves: 1, wanted: 2, alive: 2, workers: 1 }] }));
    const unknown = (change: Partial<Observed>, spec: object = {}): SweepStatus =>
      statusOf(observed({ engine: undefined, pools: undefined, resource: resource(spec, before), ...change }));
    const silent = { store: { ready: false, reason: 'Unreachable', message: 'm' } };

    it.each<[string, Partial<Observed>]>([
      ['its store is silent', silent],
      ['it is planned again', { admission: undefined }],
    ])('says what was last known while %s, and no time left', (_, change) => {
      const { counters, trials, pools, replicas, planDigest } = before;
      expect(unknown(change)).toMatchObject({ phase: 'Pending', counters, trials, pools, replicas, planDigest });
      expect(unknown(change)).not.toHaveProperty('eta');
    });

    it.each([{ suspend: true }, { cancelled: true }, { execution: { parallelism: 0 } }])(
      'counts nothing as running with %o',
      (spec) => {
        const status = unknown({}, spec);
        expect(status).toMatchObject({ counters: { ...before.counters, running: 0, ready: 0 }, replicas: 0, pools: [] });
      },
    );

    it('forgets the counts of an earlier plan', () => {
      const earlier = { ...before, planDigest: 'e'.repeat(64), trials: '5/7' };
      const status = unknown({ ...silent, resource: resource({}, earlier) });
      expect(status).toMatchObject({ trials: `?/${admission.plan.trials}`, planDigest: admission.plan.planDigest });
      expect(status).not.toHaveProperty('counters');
    });
  });

  it('says that workers of a suspended Sweep are still there while they are', () => {
    const messageWith = (hasWorkers: boolean): string =>
      conditionOf(statusOf(observed({ resource: resource({ suspend: true }), hasWorkers })), 'Progressing').message;
    expect(messageWith(true)).toMatch(/workers write checkpoints and end/);
    expect(messageWith(false)).toBe('suspended');
  });

  it('does not say of a cancelled Sweep that it is being planned', () => {
    for (const of of [
      resource({ cancelled: true }),
      resource({ cancelled: true }, statusOf(observed({ admission: undefined }))),
    ]) {
      const status = statusOf(observed({ resource: of, admission: undefined, engine: undefined }));
      expect(conditionOf(status, 'Planned')).toMatchObject({ status: 'Unknown', reason: 'NotPlanned' });
    }
  });

  it("tells the cluster's own words while no worker works", () => {
    const pools = [
      {
        class: 'train',
        waves: 1,
        wanted: 2,
        alive: 1,
        workers: 0,
        problem: { reason: 'Unschedulable', message: '0/3 nodes: no GPU' },
      },
    ] as const;
    const stuck = statusOf(observed({ pools, engine: engineStatus({ active: false }) }));
    expect(conditionOf(stuck, 'Progressing')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes: no GPU',
    });
    expect(conditionOf(statusOf(observed({ pools })), 'Progressing').status).toBe('True');
  });

  it('tells how large a suspended Sweep is that was only counted, and what was done of it before', () => {
    const counted = count(resource(), nothingPushed, rules);
    if (counted.kind === 'refused') throw new Error(counted.message);
    const { trials } = admission.plan;
    const before: SweepStatus = { trials: `3/${trials}` };
    const paused = observed({ resource: resource({ suspend: true }, before), admission: counted, engine: undefined });
    const status = statusOf(paused);
    expect(status).toMatchObject({ phase: 'Suspended', trials: `3/${trials}`, backend: 'wasm' });
    expect(conditionOf(status, 'Planned')).toEqual(expect.objectContaining({ status: 'True', message: plannedText }));
  });
  const plannedText = conditionOf(statusOf(observed()), 'Planned').message;

  describe('while others hold all that it could do', () => {
    const waiting = (heldBy: ReadonlyMap<string, number>, change: Partial<EngineStatus> = {}): Condition => {
      const names: Readonly<Record<string, string>> = { u1: 'lab', u2: 'lab', u3: 'tenant', u4: 'lab', u5: 'lab' };
      const nameOf = (uid: string) => (names[uid] === undefined ? undefined : { namespace: names[uid], name: `sweep-${uid}` });
      const nothingMine = { active: false, queued: { train: 0, evaluate: 0 }, heldBy, ...change };
      return conditionOf(statusOf(observed({ nameOf, engine: engineStatus(nothingMine) })), 'Progressing');
    };

    it.each<[string, string[], string]>([
      ['one of its namespace', ['u1'], 'waits for Sweep lab/sweep-u1, which'],
      ['one of another namespace, without a name', ['u3'], 'waits for a Sweep of another namespace, which'],
      ['one that is not seen any more', ['u9'], 'waits for a Sweep of another namespace, which'],
      ['some of both', ['u3', 'u2', 'u1'], 'waits for Sweep lab/sweep-u1, lab/sweep-u2 and a Sweep of another namespace, which'],
      ['many', ['u1', 'u2', 'u4', 'u5'], 'waits for Sweep lab/sweep-u1, lab/sweep-u2, lab/sweep-u4 and 1 more, which'],
    ])('names %s', (_, uids, text) => {
      const condition = waiting(new Map(uids.map((uid) => [uid, 3])));
      expect(condition).toMatchObject({ status: 'False', reason: 'WaitsForSweep' });
      expect(condition.message).toContain(text);
      expect(condition.message).not.toContain('tenant');
    });

    it('says nothing of it while it has tasks of its own, or something of it is being computed', () => {
      expect(waiting(new Map([['u1', 3]]), { queued: { train: 1, evaluate: 0 } }).reason).toBe('WaitingForWorkers');
      expect(waiting(new Map([['u1', 3]]), { active: true }).reason).toBe('Running');
    });
  });

  it('keeps the time of a condition that did not change', () => {
    const first = statusOf(observed());
    const later = observed({
      resource: resource({}, first),
      nowMs: Date.UTC(2026, 5, 1),
      engine: engineStatus({ finished: true }),
    });
    const second = statusOf(later);
    expect(conditionOf(second, 'Planned').lastTransitionTime).toBe('2026-01-02T00:00:00.000Z');
    expect(conditionOf(second, 'Complete').lastTransitionTime).toBe('2026-06-01T00:00:00.000Z');
  });

  it('claims no time left while no result says how fast its workers are', () => {
    const status = statusOf(observed({ engine: engineStatus({ etaSeconds: undefined }) }));
    expect(status.phase).toBe('Running');
    expect(status).not.toHaveProperty('eta');
  });

  it('is the same while only the second digit after the first two of the estimate moves', () => {
    expect(statusOf(observed({ engine: engineStatus({ etaSeconds: 754 }) }))).toEqual(
      statusOf(observed({ engine: engineStatus({ etaSeconds: 751 }) })),
    );
  });

  it('counts and samples failures, with class and message', () => {
    const many = new Map(Array.from({ length: 500 }, (_, i) => [`c${i}`, `badData: file ${i} is broken`]));
    const status = statusOf(observed({ engine: engineStatus({ parked: many, finished: true }) }));
    expect(status.failures).toHaveLength(10);
    expect(status.failures?.[0]).toEqual({ cellId: 'c0', class: 'badData', message: 'file 0 is broken' });
    expect(status.counters?.parked).toBe(500);
    expect(statusOf(observed({ engine: engineStatus({ parked }) })).failures).toEqual([
      { cellId: 'c1', class: 'nonFiniteLoss', message: 'the loss is NaN: at step 7' },
    ]);
  });

  it.each([0, 20])('has the same size within 5 %% for 10², 10⁴ and 10⁶ trials, with %i parked cells', (failed) => {
    const failures = new Map(
      Array.from({ length: failed }, (_, i) => [String(i).padStart(64, '0'), `unknown: ${'x'.repeat(200)}`]),
    );
    const sizeAt = (trials: number): number => {
      const [half, quarter] = [trials / 2, trials / 4];
      const scaled = {
        total: trials,
        cached: quarter,
        done: quarter,
        running: 20,
        waiting: half,
        parked: failed,
        blocked: quarter,
      };
      const state = { ...engineStatus({ counts: scaled, parked: failures, etaSeconds: 9 * trials }), trialsDone: half };
      const queued = { train: half, evaluate: half };
      const plan = { ...admission.plan, trials };
      const status = statusOf(observed({ admission: { ...admission, plan }, engine: { ...state, queued } }));
      return JSON.stringify({ ...resource(), status }).length;
    };
    const sizes = [1e2, 1e4, 1e6].map(sizeAt);
    expect(Math.max(...sizes) / Math.min(...sizes), sizes.join(' ')).toBeLessThan(1.05);
  });
});

describe('admit', () => {
  it('counts the trials that each cell stands for', () => {
    const total = [...admission.plan.rowsOf.values()].reduce((a, b) => a + b, 0);
    expect(total).toBe(admission.plan.trials);
  });

  it.each<[string, object, RegExp]>([
    ['InvalidSpec', { seed: [] }, /spec\.seed/],
    ['DatasetUnresolved', { dataset: [{ name: 'cifar10' }] }, /its files are not known.*dataset push/],
    ['DatasetUnresolved', { dataset: [{ name: 'cifar10', digest: 'a'.repeat(64) }] }, /s3:\/\/b has no data with digest a.*push/],
    [
      'DatasetUnresolved',
      { dataset: [{ name: 'cifar10', pushed: 'no' }] },
      /pushed: no: expected a dataset that was pushed to s3:\/\/b/,
    ],
    ['DatasetUnresolved', { dataset: [{ name: 'mnist', pushed: 'ours' }] }, /a pushed mnist; this is cifar10/],
    ['DatasetUnresolved', { dataset: [{ name: 'cifar10', pushed: 'ours', digest: 'a'.repeat(64) }] }, /whose digest is aaa/],
    [
      'DatasetUnresolved',
      { dataset: [{ name: 'image-folder', pushed: 'photos' }] },
      /the size of these images is not known here.*write imageSize/,
    ],
    ['DatasetUnresolved', { dataset: [{ name: 'cifar10', path: 'data' }] }, /data is a path on your machine/],
    ['DatasetUnresolved', { training: [{ name: 'theirs', from: 'w.safetensors' }] }, /w\.safetensors is a path on your machine/],
  ])('refuses with %s: %o', (reason, change, message) => {
    const refused = admit(resource(change), pushed, rules);
    expect(refused).toMatchObject({ kind: 'refused', reason });
    expect(refused.kind === 'refused' && refused.message).toMatch(message);
    expect(refused.kind === 'refused' && refused.message).not.toMatch(/:\d+:\d+ /);
  });

  it('refuses a plan of more cells than the install allows, and says the bound; also when only its counts are wanted', () => {
    const { size } = admission.plan.cells;
    for (const judge of [admit, count]) {
      expect(judge(resource(), nothingPushed, { ...rules, mostCells: size }).kind).not.toBe('refused');
      const refused = judge(resource(), nothingPushed, { ...rules, mostCells: size - 1 });
      expect(refused).toMatchObject({ kind: 'refused', reason: 'PlanTooLarge' });
      expect(refused.kind === 'refused' && refused.message).toMatch(
        new RegExp(`^more than ${size - 1} cells, .*Remedy: split it`),
      );
    }
  });

  it.each<[string, object, Readonly<Record<string, string>>]>([
    ['by the name it was pushed under', { pushed: 'ours' }, {}],
    ['by its digest', { digest: 'd'.repeat(64) }, {}],
    ['with a path for laptops', { pushed: 'ours', path: 'cifar' }, {}],
    ['from a volume', { digest: 'd'.repeat(64), volume: { claimName: 'nfs' } }, { ['d'.repeat(64)]: `/data/${'d'.repeat(64)}` }],
  ])('admits data %s', (_, dataset, sources) => {
    const admitted = admit(resource({ dataset: [{ name: 'cifar10', ...dataset }] }), pushed, rules);
    if (admitted.kind === 'refused') throw new Error(admitted.message);
    expect(admitted.plan.sweep.datasets[0]!.params.digest).toBe('d'.repeat(64));
    expect(admitted.plan.sweep.sources).toEqual(sources);
  });

  it('gives images of a pushed folder the size that was found when it was pushed', () => {
    const admitted = admit(resource({ dataset: [{ name: 'image-folder', pushed: 'digits' }] }), pushed, rules);
    if (admitted.kind === 'refused') throw new Error(admitted.message);
    expect(admitted.plan.sweep.datasets[0]!.params).toMatchObject({ imageSize: 8 });
  });
});
