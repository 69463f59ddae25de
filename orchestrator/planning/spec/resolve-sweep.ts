/**
 * The spec as data → the resolved sweep. Entries that the schema accepts are checked even where others are refused, so that a user
 * sees all problems at once.
 */
import { usualClaims } from '@ncsweep/catalog/claims';
import { architectureOf, architectures, networkLayers } from '@ncsweep/catalog/architectures';
import type { Architecture } from '@ncsweep/catalog/architectures/architecture';
import { canonicalJson } from '@ncsweep/protocol/canonical';
import { formatRational, parseRational } from '@ncsweep/protocol/rational';
import {
  architectureSpec,
  datasetSpec,
  executionSpec,
  gridSpec,
  reportSpec,
  trainingSpec,
  type ExecutionSpec,
  type GridSpec,
  type TrainingSpec,
} from '@ncsweep/catalog/language/spec';
import { sideLabelsOf } from '@ncsweep/catalog/labels';
import type { Execution, Grid, Named, Sweep } from '@ncsweep/catalog/sweep';
import { classCount, datasetOf, imagesOf, type DatasetParams } from '@ncsweep/catalog/datasets';
import { checkPluginBackends } from './check-plugin-backends.ts';
import { checkPodTemplate, checkPriorityClass, checkQueue } from './check-pod-template.ts';
import { executionDefaults, withDefaults } from './defaults.ts';
import { entries, readLabels, type Entries } from './entries.ts';
import { expandIntegers } from './ranges.ts';
import type { Problem } from './problem.ts';
import type { Remainder } from './remainder.ts';
import { Reporter } from './reporter.ts';
import { type KnownDigests, resolveArchitecture, resolveDataset, resolveTraining } from './resolve-axes.ts';
import { checkWithinImage } from './resolve-epsilons.ts';
import { checkPlugins } from './plugin-references.ts';
import { checkSuits } from './resolve-networks.ts';
import { resolveMetrics } from './resolve-metrics.ts';
import { resolveGrid, type Surroundings } from './resolve-grid.ts';

/** Maximum number of points that a grid may request. */
const maxTrials = 10_000_000;

type Fields = Readonly<Record<string, unknown>>;

const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function resolveSeeds(value: unknown, report: Reporter): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const seeds = new Set<number>();
  let { isWhole } = report;
  for (const [i, entry] of (value as (number | string)[]).entries()) {
    const expanded = expandIntegers(entry);
    if ('wrong' in expanded) {
      report.at(i).refuse(entry, expanded.wrong, 'as in 1..3');
      isWhole = false;
    } else for (const seed of expanded.values) seeds.add(seed);
  }
  return isWhole ? [...seeds] : undefined;
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

const resolvedAll = ({ list, hasAll }: Entries<unknown>, resolved: readonly unknown[]): boolean =>
  hasAll && resolved.length === list.length;

/** Number of values of the largest image; undefined where only the files give sizes. */
function largestImage(datasets: readonly Named<DatasetParams>[]): number | undefined {
  const known = datasets.every(({ params }) => {
    const part = datasetOf(params);
    return part.from === 'parameters' || !part.keepsSize;
  });
  return known ? Math.max(...datasets.map(({ params }) => imagesOf(params).image.reduce((a, b) => a * b))) : undefined;
}

/** How to give a network images that are large enough. */
function remedyForSmall(datasets: readonly Named<DatasetParams>[], smallest: number): string {
  const tooSmall = datasets.filter(({ params }) => Math.min(...imagesOf(params).image.slice(0, 2)) === smallest);
  const grow = tooSmall.every(({ params }) => 'imageSize' in params);
  const fitting = Object.values<Architecture>(architectures).filter(({ smallestSide }) => smallestSide <= smallest);
  return `${grow ? 'raise its imageSize, or ' : ''}use ${fitting.map(({ name }) => name).join(', ')}`;
}

interface Axes {
  readonly datasets: Named<DatasetParams>[];
  readonly architectures: Sweep['architectures'];
  readonly trainings: Sweep['trainings'];
  readonly around: Surroundings;
}

function resolveAxes(spec: Fields, seeds: readonly number[] | undefined, known: KnownDigests, report: Reporter): Axes {
  const dataset = entries(spec['dataset'], datasetSpec, report.at('dataset'));
  const architecture = entries(spec['architecture'], architectureSpec, report.at('architecture'));
  const training = entries(spec['training'], trainingSpec, report.at('training'));
  const datasets = dataset.list.flatMap(([d, i]) => {
    const params = resolveDataset(d, known, report.at('dataset', i));
    return params === undefined ? [] : [{ name: d.as ?? d.name, params }];
  });
  const architectures = architecture.list.flatMap(([a, i]) => {
    const params = resolveArchitecture(a, known, report.at('architecture', i));
    if (params !== undefined) checkSuits(params, datasets, report.at('architecture', i));
    return params === undefined ? [] : [{ name: a.as ?? a.name, params }];
  });
  const trainings = training.list.flatMap(([t, i]) => {
    const params = resolveTraining(t, known, report.at('training', i));
    return params === undefined ? [] : [{ name: t.name, params }];
  });
  const relabel = 'add "as: …" with another label';
  const smallest = datasets.reduce((least, { params }) => Math.min(least, ...imagesOf(params).image.slice(0, 2)), Infinity);
  for (const [a, i] of architecture.list) {
    const { name } = a;
    if (name === 'plugin') continue; // it declares its images
    const { smallestSide } = architectureOf({ name });
    if (smallest < smallestSide)
      report
        .at('architecture', i)
        .refuse(
          a.name,
          `images of at least ${smallestSide} pixels per side for ${a.name}; a dataset has ${smallest}`,
          remedyForSmall(datasets, smallest),
        );
  }
  const pixels = resolvedAll(dataset, datasets) ? largestImage(datasets) : undefined;
  for (const [{ attack }, i] of training.list) {
    const epsilon = attack?.norm === 'l2' ? parseRational(String(attack.epsilon ?? 0)) : undefined;
    if (epsilon !== undefined && pixels !== undefined)
      checkWithinImage(attack!.epsilon, formatRational(epsilon), pixels, report.at('training', i, 'attack', 'epsilon'));
  }
  checkOversampling(training.list, dataset, datasets, report);
  const epochs = trainings.map(({ params }) => (params.kind === 'train' ? params.epochs : 0));
  const around: Surroundings = {
    datasets: readLabels(dataset, relabel, report.at('dataset')),
    architectures: readLabels(architecture, relabel, report.at('architecture')),
    trainings: readLabels(training, 'rename one of them', report.at('training')),
    seeds,
    layers: resolvedAll(architecture, architectures)
      ? [...new Set(architectures.flatMap(({ params }) => networkLayers(params).map((l) => l.name)))]
      : undefined,
    classes: new Map(
      datasets.flatMap(({ name, params }) => {
        const count = classCount(params);
        return count === undefined ? [] : [[name, count] as const];
      }),
    ),
    sideLabels: resolvedAll(dataset, datasets) ? datasets.flatMap(({ params }) => sideLabelsOf(params)) : undefined,
    plugins: known.plugins,
    pixels,
    lastEpoch: resolvedAll(training, trainings) ? Math.max(...epochs) : undefined,
  };
  return { datasets, architectures, trainings, around };
}

/** Refuses oversampling where no dataset has a minority: it would be recorded but have no effect. */
function checkOversampling(
  trainings: Entries<TrainingSpec>['list'],
  written: Entries<unknown>,
  datasets: readonly Named<DatasetParams>[],
  report: Reporter,
): void {
  if (!resolvedAll(written, datasets) || datasets.some(({ params }) => imagesOf(params).minority !== undefined)) return;
  for (const [{ oversampling = 1 }, i] of trainings)
    if (oversampling > 1)
      report
        .at('training', i, 'oversampling')
        .refuse(
          oversampling,
          'a dataset with minority classes, whose images it repeats',
          'remove oversampling, or set minorityClasses of prototypes',
        );
}

interface ResolvedGrid {
  readonly grid: Grid;
  readonly written: GridSpec;
  /** Its position in the list of grids. */
  readonly i: number;
}

/** An attack name must mean the same attack in the whole sweep, or the report would mix two. */
function checkAttackNames(grids: readonly ResolvedGrid[], report: Reporter): void {
  const meaning = new Map<string, string>();
  for (const { grid, written, i } of grids) {
    const here = new Map(grid.attacks.map(({ name, params }) => [name, canonicalJson(params)]));
    for (const [name, content] of here) {
      const j = written.attack?.findIndex((attack) => attack.name === name) ?? 0;
      if ((meaning.get(name) ?? content) !== content)
        report
          .at('grids', i, 'attack', j, 'name')
          .refuse(name, 'another name: an earlier grid uses it for another attack', 'rename it');
      meaning.set(name, content);
    }
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

/** Refuses epochs that stand for a list that the sweep does not have. @param report at the epochs of the grid */
function checkNoSnapshots({ epoch = [] }: GridSpec, report: Reporter): void {
  const asked = epoch.indexOf('snapshots');
  if (asked !== -1) report.at(asked).refuse('snapshots', 'epochs listed in spec.snapshots', 'add snapshots: [...] beside seed');
}

/**
 * Checks everything that can be checked.
 * @param remainder of the document, without what the schema refuses
 * @returns the sweep, valid if no problems were found; its `sources` are empty
 */
export function resolveSweep(remainder: Remainder, known: KnownDigests, problems: Problem[]): Sweep {
  const root = fields(remainder.data);
  const spec = fields(root['spec']);
  const report = new Reporter(problems, ['spec'], remainder);
  const seeds = resolveSeeds(spec['seed'], report.at('seed'));
  const snapshots = resolveSeeds(spec['snapshots'] ?? [], report.at('snapshots'));
  checkPlugins(spec['plugins'], known.plugins, report.at('plugins'));
  const axes = resolveAxes(spec, seeds, known, report);
  const gridSpecs = entries(spec['grids'], gridSpec, report.at('grids'));
  readLabels(gridSpecs, 'rename one of them', report.at('grids'));
  const grids = gridSpecs.list.map(([written, i]): ResolvedGrid => {
    return { grid: resolveGrid(written, axes.around, report.at('grids', i)), written, i };
  });
  checkAttackNames(grids, report);
  for (const { grid, written, i } of grids) {
    checkSize(grid, axes, seeds?.length ?? 1, snapshots?.length ?? 1, report.at('grids', i));
    if (snapshots?.length === 0) checkNoSnapshots(written, report.at('grids', i, 'epoch'));
  }
  const metrics = resolveMetrics(spec['metrics'], known.plugins, report.at('metrics'));
  const written = executionSpec.safeParse(spec['execution'] ?? {});
  const execution = resolveExecution(written.success ? written.data : {});
  const resolved = { ...axes, grids: grids.map(({ grid }) => grid), ...metrics };
  checkPluginBackends(resolved, execution.backend, report);
  const ofPods = fields(spec['execution']);
  checkPodTemplate(ofPods['podTemplate'], report.at('execution', 'podTemplate'));
  checkPriorityClass(ofPods['priorityClassName'], report.at('execution', 'priorityClassName'));
  checkQueue(ofPods, report.at('execution', 'workloadPriorityClassName'));
  return {
    name: String(fields(root['metadata'])['name']),
    question: typeof spec['question'] === 'string' ? spec['question'] : '',
    datasets: axes.datasets,
    architectures: axes.architectures,
    trainings: axes.trainings,
    seeds: seeds ?? [],
    snapshots: snapshots ?? [],
    grids: grids.map(({ grid }) => grid),
    ...metrics,
    execution,
    report: resolveReport(spec['report']),
    sources: {},
  };
}
