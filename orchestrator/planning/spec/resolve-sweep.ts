/**
 * The spec as data → the resolved sweep. Entries that the schema accepts are checked even where others are refused, so that a user
 * sees all problems at once.
 */
import { usualClaims } from '@ncsweep/catalog/claims';
import { architectureOf, networkLayers } from '@ncsweep/catalog/architectures';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import {
  architectureSpec,
  datasetSpec,
  executionSpec,
  gridSpec,
  reportSpec,
  trainingSpec,
  type ExecutionSpec,
} from '@ncsweep/catalog/language/spec';
import { sideLabelsOf } from '@ncsweep/catalog/labels';
import type { Execution, Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import { imagesOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import type { z } from 'zod';
import { checkLabel } from './check-label.ts';
import { checkPodTemplate, checkPriorityClass } from './check-pod-template.ts';
import { executionDefaults, withDefaults } from './defaults.ts';
import { expandIntegers } from './ranges.ts';
import type { Problem } from './problem.ts';
import { Reporter } from './reporter.ts';
import { type KnownDigests, resolveArchitecture, resolveDataset, resolveTraining } from './resolve-axes.ts';
import { resolveGrid, type Surroundings } from './resolve-grid.ts';

/** Maximum number of points that a grid may request. */
const maxTrials = 10_000_000;

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** Entries that the schema accepts, with their positions; `whole` if all were accepted. */
function entries<T extends z.ZodType>(
  value: unknown,
  schema: T,
): { readonly list: readonly (readonly [z.infer<T>, number])[]; readonly whole: boolean } {
  const all: unknown[] = Array.isArray(value) ? value.slice(0, 1000) : [];
  const list = all.flatMap((item, i) => {
    const parsed = schema.safeParse(item);
    return parsed.success ? [[parsed.data, i] as const] : [];
  });
  return { list, whole: Array.isArray(value) && list.length === all.length && all.length > 0 };
}

/** Checks the labels of an axis, which appear in the result tables. */
function checkLabels(named: readonly (readonly [string, number])[], remedy: string, report: Reporter): void {
  const seen = new Set<string>();
  for (const [label, i] of named) {
    checkLabel(label, report.at(i));
    if (seen.has(label)) report.at(i).refuse(label, 'a label that no entry before it has', remedy);
    seen.add(label);
  }
}

function resolveSeeds(value: unknown, report: Reporter): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const seeds = new Set<number>();
  for (const [i, entry] of (value as unknown[]).entries()) {
    if (typeof entry !== 'number' && (typeof entry !== 'string' || !/^\d{1,9}(\.\.\d{1,9})?$/.test(entry))) return undefined;
    const expanded = expandIntegers(entry);
    if ('wrong' in expanded) {
      report.at(i).refuse(entry, expanded.wrong, 'as in 1..3');
      return undefined;
    }
    for (const seed of expanded.values) seeds.add(seed);
  }
  return [...seeds];
}

function resolveExecution(spec: ExecutionSpec): Execution {
  const { parallelism, backend, evaluationBatchSize, ...rest } = withDefaults(spec, executionDefaults);
  return {
    parallelism,
    backend,
    evaluationBatchSize,
    retries: Object.fromEntries(Object.entries(spec.retries ?? {}).filter(([, n]) => n !== undefined)),
    attemptDeadlineMs: rest.attemptDeadlineSeconds * 1000,
    checkpointEveryMs: rest.checkpointEverySeconds * 1000,
  };
}

/** A claim set that is named twice is judged once. */
function resolveReport(spec: unknown): Sweep['report'] {
  const parsed = reportSpec.safeParse(spec ?? {});
  const { claims = usualClaims, confidence = 0.95 } = parsed.success ? parsed.data : {};
  if (typeof claims !== 'string') return { claims: [...new Set(claims)], confidence };
  return { claims: claims === 'none' ? [] : [claims], confidence };
}

interface Axes {
  readonly datasets: Named<DatasetParams>[];
  readonly architectures: Sweep['architectures'];
  readonly trainings: Sweep['trainings'];
  readonly around: Surroundings;
}

function resolveAxes(spec: Fields, seeds: readonly number[] | undefined, known: KnownDigests, report: Reporter): Axes {
  const dataset = entries(spec['dataset'], datasetSpec);
  const architecture = entries(spec['architecture'], architectureSpec);
  const training = entries(spec['training'], trainingSpec);
  const datasets = dataset.list.flatMap(([d, i]) => {
    const params = resolveDataset(d, known, report.at('dataset', i));
    return params === undefined ? [] : [{ name: d.as ?? d.name, params }];
  });
  const architectures = architecture.list.flatMap(([a, i]) => {
    const params = resolveArchitecture(a, report.at('architecture', i));
    return params === undefined ? [] : [{ name: a.as ?? a.name, params }];
  });
  const trainings = training.list.flatMap(([t, i]) => {
    const params = resolveTraining(t, known, report.at('training', i));
    return params === undefined ? [] : [{ name: t.name, params }];
  });
  checkLabels(
    dataset.list.map(([d, i]) => [d.as ?? d.name, i]),
    'add "as: …" with another label',
    report.at('dataset'),
  );
  checkLabels(
    architecture.list.map(([a, i]) => [a.as ?? a.name, i]),
    'add "as: …" with another label',
    report.at('architecture'),
  );
  checkLabels(
    training.list.map(([t, i]) => [t.name, i]),
    'rename one of them',
    report.at('training'),
  );
  const smallest = datasets.reduce((least, { params }) => Math.min(least, ...imagesOf(params).image.slice(0, 2)), Infinity);
  for (const [a, i] of architecture.list) {
    const { smallestSide } = architectureOf(a);
    if (smallest < smallestSide)
      report
        .at('architecture', i)
        .refuse(
          a.name,
          `images of at least ${smallestSide} pixels per side for ${a.name}; a dataset has ${smallest}`,
          'raise its imageSize, or use convnet',
        );
  }
  const epochs = trainings.map(({ params }) => (params.kind === 'train' ? params.epochs : 0));
  const around: Surroundings = {
    datasets: dataset.whole ? dataset.list.map(([d]) => d.as ?? d.name) : undefined,
    architectures: architecture.whole ? architecture.list.map(([a]) => a.as ?? a.name) : undefined,
    trainings: training.whole ? training.list.map(([t]) => t.name) : undefined,
    seeds,
    layers: architecture.whole
      ? [...new Set(architectures.flatMap(({ params }) => networkLayers(params).map((l) => l.name)))]
      : undefined,
    sideLabels: datasets.length === dataset.list.length ? datasets.flatMap(({ params }) => sideLabelsOf(params)) : undefined,
    lastEpoch: training.whole && trainings.length === training.list.length ? Math.max(...epochs) : undefined,
  };
  return { datasets, architectures, trainings, around };
}

/** An attack name must mean the same attack in the whole sweep, or the report would mix two. */
function checkAttackNames(grids: readonly (readonly [Grid, number])[], report: Reporter): void {
  const meaning = new Map<string, string>();
  for (const [grid, i] of grids) {
    grid.attacks.forEach(({ name, params }, j) => {
      const content = canonicalJson(params);
      if ((meaning.get(name) ?? content) !== content)
        report
          .at('grids', i, 'attack', j, 'name')
          .refuse(name, 'another name: an earlier grid uses it for another attack', 'rename it');
      meaning.set(name, content);
    });
  }
}

function checkSize(grid: Grid, sweep: Axes, seeds: number, snapshots: number, report: Reporter): void {
  const layers = grid.layers.includes('all') ? (sweep.around.layers?.length ?? 1) : grid.layers.length;
  const epochs = grid.epochs.reduce<number>((n, e) => n + (e === 'snapshots' ? snapshots : 1), 0);
  const counts = [
    sweep.datasets,
    sweep.architectures,
    sweep.trainings,
    grid.epsilons,
    grid.poolings,
    grid.splits,
    grid.labels,
  ].map((a) => a.length);
  const points = counts.reduce((n, count) => n * Math.max(1, count), seeds * epochs * layers * Math.max(1, grid.attacks.length));
  if (points > maxTrials)
    report.refuse(
      `${points} trials`,
      `at most ${maxTrials} trials per grid`,
      'split the sweep: equal work is shared through the store',
    );
}

/** Checks everything that can be checked. @returns the sweep, valid if no problems were found; its `sources` are empty */
export function resolveSweep(data: unknown, known: KnownDigests, problems: Problem[]): Sweep {
  const root = fields(data);
  const spec = fields(root['spec']);
  const report = new Reporter(problems, ['spec']);
  const seeds = resolveSeeds(spec['seed'], report.at('seed'));
  const snapshots = resolveSeeds(spec['snapshots'] ?? [], report.at('snapshots')) ?? [];
  const axes = resolveAxes(spec, seeds, known, report);
  const written = entries(spec['grids'], gridSpec).list;
  checkLabels(
    written.map(([grid, i]) => [grid.name, i]),
    'rename one of them',
    report.at('grids'),
  );
  const grids = written.map(([grid, i]) => [resolveGrid(grid, axes.around, report.at('grids', i)), i] as const);
  checkAttackNames(grids, report);
  for (const [grid, i] of grids) {
    checkSize(grid, axes, seeds?.length ?? 1, snapshots.length, report.at('grids', i));
    const asked = grid.epochs.indexOf('snapshots');
    if (asked !== -1 && snapshots.length === 0)
      report
        .at('grids', i, 'epoch', asked)
        .refuse('snapshots', 'epochs listed in spec.snapshots', 'add snapshots: [...] beside seed');
  }
  const execution = executionSpec.safeParse(spec['execution'] ?? {});
  const ofPods = fields(spec['execution']);
  checkPodTemplate(ofPods['podTemplate'], report.at('execution', 'podTemplate'));
  checkPriorityClass(ofPods['priorityClassName'], report.at('execution', 'priorityClassName'));
  return {
    name: String(fields(root['metadata'])['name']),
    question: typeof spec['question'] === 'string' ? spec['question'] : '',
    datasets: axes.datasets,
    architectures: axes.architectures,
    trainings: axes.trainings,
    seeds: seeds ?? [],
    snapshots,
    grids: grids.map(([grid]) => grid),
    execution: resolveExecution(execution.success ? execution.data : {}),
    report: resolveReport(spec['report']),
    sources: {},
  };
}
