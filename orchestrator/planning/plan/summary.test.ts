import { exampleSweep, grid, pgd, recipe } from '@ncsweep/catalog/testing/example-sweep';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import { describe, expect, it } from 'vitest';
import { cellLabels } from './cell-label.ts';
import { evaluationUnits, forwardMacs, trainingUnits } from './cost.ts';
import { estimate } from './estimate.ts';
import { explain } from './explain.ts';
import { exampleCount } from '@ncsweep/catalog/datasets';
import { planSweep } from './plan.ts';
import { summarize } from './summary.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const [training] = plan.trainings;
const unitsOf = new Map([
  ...plan.trainings.flatMap(({ lineage, cells }) =>
    cells.map((c, i) => [c.cellId, trainingUnits(lineage, cells[i - 1]?.params.epoch ?? 0, c.params.epoch)] as const),
  ),
  ...plan.evaluations.flatMap(({ lineage, cells }) => cells.map((c) => [c.cellId, evaluationUnits(lineage, c)] as const)),
]);
/** Committed cells on a machine that takes `unitSeconds` per unit. */
const ran = (ids: Iterable<string>, unitSeconds: number) =>
  new Map(
    [...ids].map((id) => [id, { value: { times: { startMs: 0, endMs: 0, computeMs: 1000 * unitSeconds * unitsOf.get(id)! } } }]),
  );
const state = (done = ran([], 1)) => ({
  done,
  parked: new Map<string, string>(),
  queued: new Set<string>(),
  stale: new Set<string>(),
});
const all = (): boolean => true;

describe('forwardMacs', () => {
  const cifar: DatasetParams = { name: 'cifar10', digest: 'd'.repeat(64), classes: [], trainPerClass: 0, testPerClass: 0 };

  it('agrees with published sizes of the big networks within 10 %', () => {
    const ratio = (name: 'preact-resnet18' | 'vgg11-bn', published: number): number =>
      forwardMacs({ name, width: 64, depth: 8 }, cifar) / published;
    expect(Math.abs(ratio('preact-resnet18', 0.56e9) - 1)).toBeLessThan(0.1);
    expect(Math.abs(ratio('vgg11-bn', 0.153e9) - 1)).toBeLessThan(0.1);
  });

  it('counts a small convnet by hand', () => {
    const macs = 9 * 16 * 256 + 9 * 16 * 32 * 64 + 9 * 32 * 64 * 16 + 9 * 64 * 64 * 16 + 64 * 5;
    expect(forwardMacs(exampleSweep.architectures[0]!.params, exampleSweep.datasets[0]!.params)).toBe(macs);
  });

  it('knows the size of a subset', () => {
    expect(exampleCount(cifar, 'train')).toBe(50_000);
    expect(exampleCount({ ...cifar, classes: [0, 3], trainPerClass: 20 }, 'train')).toBe(40);
  });
});

describe('estimate', () => {
  it('says that it knows nothing, with a wide interval', () => {
    const { seconds, low, high, basis } = estimate(plan, new Map(), all);
    expect(high / seconds).toBeCloseTo(3, 1);
    expect(seconds / low).toBeCloseTo(3, 1);
    expect(basis).toMatch(/^no earlier results: a default for wasm/);
  });

  it('learns from committed cells', () => {
    const half = [...plan.cells.keys()].filter((_, i) => i % 2 === 0);
    const measured = ran(half, 0.5);
    const { coreTime, basis } = estimate(plan, measured, (id) => !measured.has(id));
    const missing = [...plan.cells.keys()].filter((id) => !measured.has(id));
    const units = (kind: string) =>
      missing.filter((id) => plan.cells.get(id)?.kind === kind).reduce((sum, id) => sum + unitsOf.get(id)!, 0);
    expect(coreTime.snapshot.seconds).toBeCloseTo(0.5 * units('snapshot'), 0);
    expect(coreTime.evaluate.seconds).toBeCloseTo(0.5 * units('evaluate'), 0);
    expect(basis).toBe(`from ${half.length} earlier results`);
  });

  it('learns nothing about attacks from clean passes, which are mostly metrics', () => {
    const cells = [...plan.cells.values()];
    const isClean = (cell: (typeof cells)[number]): boolean => cell.kind === 'evaluate' && cell.params.attack.kind === 'none';
    const idsOf = (of: typeof cells): string[] => of.map(({ cellId }) => cellId);
    const trained = ran(idsOf(cells.filter(({ kind }) => kind === 'snapshot')), 0.5);
    const measured = new Map([...trained, ...ran(idsOf(cells.filter(isClean)), 4)]);
    const missing = cells.filter(({ cellId }) => !measured.has(cellId));
    const units = missing.reduce((sum, { cellId }) => sum + unitsOf.get(cellId)!, 0);
    const { coreTime } = estimate(plan, measured, (id) => !measured.has(id));
    expect(coreTime.evaluate.seconds / (0.5 * units)).toBeCloseTo(1, 0);
  });

  it('is bounded by the longest training, however many workers', () => {
    const sweep = { ...exampleSweep, seeds: [1], execution: { ...exampleSweep.execution, parallelism: 1000 } };
    const few = planSweep(sweep, 'wasm', 100);
    const longest = Math.max(...few.trainings.map(({ lineage }) => trainingUnits(lineage, 0, 60)));
    expect(estimate(few, new Map(), all).seconds).toBeCloseTo(0.2 * longest, 0);
  });

  describe('before anything is committed', () => {
    const { lineage, cells } = plan.trainings[0]!;
    const fromEpoch = cells.at(-2)!.params.epoch;
    const toEpoch = fromEpoch + 5;
    const done = trainingUnits(lineage, fromEpoch, toEpoch);
    /** Five epochs of the first training, at `rate` seconds per unit. */
    const advances = (rate: number) => new Map([[cells.at(-1)!.cellId, { fromEpoch, toEpoch, seconds: rate * done }]]);
    const units = (kind: string): number =>
      [...plan.cells.values()].filter((cell) => cell.kind === kind).reduce((sum, { cellId }) => sum + unitsOf.get(cellId)!, 0);

    it('learns the pace of trainings from their epochs, and counts what is left of them', () => {
      const { coreTime } = estimate(plan, new Map(), all, { advances: advances(5) });
      expect(coreTime.snapshot.seconds / (5 * (units('snapshot') - done))).toBeCloseTo(1, 2);
    });

    it('carries their pace over to evaluations, with a wide interval', () => {
      const { coreTime } = estimate(plan, new Map(), all, { advances: advances(5) });
      expect(coreTime.evaluate.seconds / (5 * units('evaluate'))).toBeCloseTo(1, 2);
      expect(coreTime.evaluate.high / coreTime.evaluate.seconds).toBeGreaterThanOrEqual(2.9);
    });

    it('takes the pace of epochs, not what it took to begin with the first one', () => {
      const slowStart = ran([cells[0]!.cellId], 400);
      const { coreTime } = estimate(plan, slowStart, (id) => !slowStart.has(id), { advances: advances(5) });
      expect(coreTime.snapshot.seconds / (5 * units('snapshot'))).toBeLessThan(1.2);
    });

    it('never learns from what it has no share of', () => {
      const useless = new Map([[cells.at(-1)!.cellId, { fromEpoch, toEpoch: fromEpoch, seconds: 9 }]]);
      const { seconds } = estimate(plan, new Map(), all);
      expect(estimate(plan, new Map(), all, { advances: useless }).seconds / seconds).toBeCloseTo(1, 1);
    });
  });

  it('divides by the workers that run, and not below the longest training', () => {
    const one = estimate(plan, new Map(), all, { workers: 1 });
    expect(estimate(plan, new Map(), all, { workers: 2 }).seconds).toBeCloseTo(one.seconds / 2, 0);
    expect(estimate(plan, new Map(), all, { workers: 10_000 }).seconds).toBeGreaterThan(one.seconds / 1000);
  });

  it('is zero when nothing runs', () => {
    expect(estimate(plan, ran(plan.cells.keys(), 1), () => false)).toMatchObject({ seconds: 0, low: 0, high: 0 });
  });
});

describe('summarize', () => {
  it('counts a fresh plan', () => {
    expect(summarize(plan, state())).toMatchObject({
      sweep: 'example',
      trials: 2514,
      askedTwice: 72,
      cells: { snapshot: 30, evaluate: 264 },
      trainings: 6,
      cached: 0,
      toRun: { snapshot: 30, evaluate: 264 },
      podPerTrial: { train: 2514, evaluate: 2514 },
      parked: 0,
      blocked: 0,
      claims: [{ decidable: true }, { decidable: true }, { decidable: true }, { decidable: true }],
    });
  });

  it('counts what the store has and what stands behind a failure', () => {
    const stopped = training!.cells[4]!.cellId;
    const done = ran(
      training!.cells.slice(0, 4).map((c) => c.cellId),
      1,
    );
    const summary = summarize(plan, { ...state(done), parked: new Map([[stopped, 'nonFiniteLoss: NaN']]) });
    const behind = 2 * 16 + 3 + 1;
    expect(summary).toMatchObject({ cached: 4, parked: 1, blocked: behind, toRun: { snapshot: 25, evaluate: 264 - behind } });
  });
});

describe('explain', () => {
  const half = { label: '1/2', value: '1/2' };
  const cells = new Set(plan.cells.keys());
  const previous = { cells, backend: 'wasm', batchSize: 100, scienceVersions: { data: 1, train: 3, attack: 2, metrics: 2 } };
  const reasons = (explanations: ReturnType<typeof explain>) => new Set(explanations.map((e) => e.reason));

  it('names why each missing cell runs', () => {
    expect(reasons(explain(plan, state(), undefined))).toEqual(new Set(['not in store']));
    expect(reasons(explain(plan, state(), previous))).toEqual(new Set(['not in store']));
    expect(reasons(explain(plan, state(), { ...previous, cells: new Set() }))).toEqual(new Set(['asked newly']));
    expect(reasons(explain(plan, state(), { ...previous, cells: new Set(), backend: 'native-cpu' }))).toEqual(
      new Set(['backend or batch changed']),
    );
    expect(explain(plan, state(ran(cells, 1)), previous)).toEqual([]);
  });

  it('re-evaluates, and does not retrain, for a new metrics version', () => {
    const snapshots = ran(
      plan.trainings.flatMap((t) => t.cells.map((c) => c.cellId)),
      1,
    );
    const older = { ...previous, cells: new Set(snapshots.keys()), scienceVersions: { ...previous.scienceVersions, metrics: 0 } };
    const [first] = explain(plan, state(snapshots), older);
    expect(first).toMatchObject({ kind: 'evaluate', reason: 'science version changed', detail: 'metrics 0 → 2' });
  });

  it('lays a new version of L2 attacks at cells of L2 and of networks trained on them, and at no other', () => {
    const stepSize = { kind: 'relative', value: '5/6' } as const;
    const attack = { norm: 'l2', epsilon: '1/2', steps: 3, stepSize, randomStart: true } as const;
    const trainings = [
      { name: 'plain', params: recipe() },
      { name: 'robust', params: recipe({ attack }) },
    ];
    const attacks = [pgd('pgd10'), pgd('l2', { norm: 'l2' })];
    const mixed = planSweep({ ...exampleSweep, trainings, grids: [grid('g', { attacks, epsilons: [half] })] }, 'wasm', 100);
    const label = cellLabels(mixed);
    const before = { ...previous, cells: new Set<string>(), scienceVersions: { ...previous.scienceVersions, attack: 1 } };
    const found = explain(mixed, state(), before);
    expect(found).toHaveLength(mixed.cells.size);
    for (const { cellId, reason, detail } of found) {
      const name = label(mixed.cells.get(cellId)!);
      const isL2 = /^robust| l2 /.test(name);
      expect([name, reason], detail).toEqual([name, isL2 ? 'science version changed' : 'asked newly']);
      if (isL2) expect(detail).toBe('attack 1 → 2');
    }
    expect(new Set(found.map(({ reason }) => reason)).size).toBe(2);
  });

  it('tells parked, blocked and stale cells apart', () => {
    const stopped = training!.cells[0]!.cellId;
    const stale = plan.trainings[1]!.cells[0]!.cellId;
    const found = explain(plan, { ...state(), parked: new Map([[stopped, 'badData: x']]), stale: new Set([stale]) }, previous);
    const reasonOf = (id: string) => found.find((e) => e.cellId === id)?.reason;
    expect(reasonOf(stopped)).toBe('parked');
    expect(reasonOf(stale)).toBe('input changed');
    expect(reasonOf(training!.cells[1]!.cellId)).toBe('blocked');
  });
});

describe('cellLabels', () => {
  it('uses the names of the sweep', () => {
    const label = cellLabels(plan);
    const labels = [...plan.cells.values()].map(label);
    expect(labels).toContain('robust seed 2 epoch 30');
    expect(labels).toContain('plain seed 1 epoch 60 ncc-pgd10 8/255 train');
    expect(labels).toContain('plain seed 3 epoch 0 clean train');
    expect(new Set(labels).size).toBe(labels.length);
  });

  it('names dataset and architecture where there are several', () => {
    const architectures = [
      ...exampleSweep.architectures,
      { name: 'wide', params: { name: 'convnet', width: 32, depth: 4 } as const },
    ];
    const several = planSweep({ ...exampleSweep, architectures, trainings: [{ name: 'a', params: recipe() }] }, 'wasm', 100);
    expect([...several.cells.values()].map(cellLabels(several))).toContain('wide a seed 1 epoch 60');
  });
});
