/** Evaluations: perturbed images against float64, features, metrics, and what is committed. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import { metricFamilies } from '@ncsweep/catalog/metrics';
import type { MetricEntry } from '@ncsweep/catalog/metrics/metric';
import { viewKey } from '@ncsweep/catalog/views';
import { decodeMetricLines } from '@ncsweep/orchestrator/engine/ingest/metric-lines';
import type { EvaluateTask } from '@ncsweep/protocol/compute/task-document';
import { decodeNpy } from '@ncsweep/protocol/npy';
import { decodeSafetensors } from '@ncsweep/protocol/safetensors';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { adaptiveAttack, clean, evaluateCase, givenMeans, givenSnapshot, goldenAttacks } from './case-tasks.ts';
import { check, demandClose, demandDone, demandFailed, type Bench, type Check } from './check.ts';
import { demand } from './contract-error.ts';
import { expectedLines, type MeasuredArrays } from './expected-lines.ts';
import type { Commit, RunOptions, Session } from './session.ts';

/** Of images and features, which are computed in float32 and known in float64. */
const arrayBound = 1e-5;
/** Of metrics, which both sides compute in float64 from float32 features. */
const metricBound = 1e-6;

/** The committed cells that an evaluation reads. */
function inputsOf(bench: Bench, task: EvaluateTask): NonNullable<RunOptions['artifacts']> {
  const names = task.network.parameters.map(({ name }) => name);
  const views = bench.golden.group('given/means').map(({ name }) => name);
  return new Map([
    [givenSnapshot, new Map([['weights.safetensors', bench.golden.file('given/weights', names)]])],
    [givenMeans, new Map([['means.safetensors', bench.golden.file('given/means', views)]])],
  ]);
}

interface Evaluated {
  readonly commit: Commit;
  readonly task: EvaluateTask;
  /** A number array that was written beside the result. */
  readonly array: (name: string) => Float64Array;
}

let written = 0;

/** Evaluates one cell with all its arrays. */
async function evaluated(
  bench: Bench,
  params: AttackParams,
  epsilon: string,
  change: (task: EvaluateTask) => EvaluateTask = (task) => task,
): Promise<Evaluated> {
  const plain = change(evaluateCase(bench.decoded, params, [epsilon]));
  const keys = plain.evaluation.views.map(viewKey);
  const folder = path.join(bench.folder, `arrays-${(written += 1)}`);
  const task = { ...plain, evaluation: { ...plain.evaluation, arrays: { folder, images: keys, features: keys } } };
  const outcome = demandDone(await (await bench.session()).run(task, { artifacts: inputsOf(bench, task) }));
  const { cellId } = task.cells[0]!;
  const commit = outcome.commits.get(cellId);
  demand(commit !== undefined, 'its cell was not committed');
  const array = (name: string): Float64Array => {
    const { data } = decodeNpy(readFileSync(path.join(folder, cellId, name)), name);
    return Float64Array.from(data as Float32Array, Number);
  };
  return { commit, task, array };
}

const linesOf = ({ commit }: Evaluated): Promise<MetricLine[]> => {
  const bytes = commit.artifacts.get('metrics.parquet');
  demand(bytes !== undefined, 'no artifact metrics.parquet');
  return decodeMetricLines(bytes);
};

const keyOf = ({ layer, pooling, labels, metric, row, col }: MetricLine): string =>
  [layer, pooling, labels, metric, row, col].join(' ');

/** Every number, from the program's own features. */
async function demandMetrics(bench: Bench, each: Evaluated): Promise<void> {
  const { evaluation, network } = each.task;
  const means = new Map(bench.golden.group('given/means').map(({ name, data }) => [name, Float64Array.from(data)]));
  const classifier = bench.golden.tensor('given/weights/classifier.weight').data;
  const arrays: MeasuredArrays = {
    labels: Int32Array.from(each.array('labels.npy')),
    logits: each.array('logits.npy'),
    features: (view) => each.array(`features/${view.layer}-${view.pooling}.npy`),
    sideLabels: (name) => sideLabelsOf(each.task, name),
    classifier: Float64Array.from(classifier),
    last: viewKey({ layer: network.layers.at(-1)!.name, pooling: 'flatten' }),
    cleanMeans: evaluation.clean === undefined ? undefined : means,
  };
  const found = new Map((await linesOf(each)).map((line) => [keyOf(line), line.value]));
  const expected = expectedLines(evaluation, arrays);
  for (const line of expected) {
    const value = found.get(keyOf(line));
    demand(value !== undefined, `no number for ${keyOf(line)}`);
    const difference = Math.abs(value - line.value) / Math.max(1, Math.abs(line.value));
    demand(difference <= metricBound, `${keyOf(line)} is ${value}; its features give ${line.value}`);
  }
  demand(found.size === expected.length, `${found.size} numbers; expected ${expected.length}`);
}

function sideLabelsOf({ data, evaluation }: EvaluateTask, name: string): Int32Array {
  const { path: file } = data[evaluation.split].sideLabels![name]!;
  return decodeNpy(readFileSync(file), file).data as Int32Array;
}

function demandScalars({ commit, task }: Evaluated): void {
  const [found, expected] = [Object.keys(commit.scalars), task.returns.scalars.map(({ name }) => name)].map((names) =>
    names.sort().join(' '),
  );
  demand(found === expected, `scalars ${found}; expected ${expected}`);
  const artifacts = [...commit.artifacts.keys()].sort().join(' ');
  const wanted = task.returns.artifacts
    .map(({ name }) => name)
    .sort()
    .join(' ');
  demand(artifacts === wanted, `artifacts ${artifacts}; expected ${wanted}`);
}

const goldenImages = Object.entries(goldenAttacks).map(([name, [params, epsilon]], i): Check =>
  check(`images-${i + 1}`, `makes the images of ${name} as float64 does`, async (bench) => {
    const each = await evaluated(bench, params, epsilon);
    demandClose('images', each.array('images.npy'), bench.golden.tensor(`${name}/images`).data, arrayBound);
    demand(each.commit.attackTiming === 'fresh', `attackTiming ${each.commit.attackTiming}; expected fresh`);
    demandScalars(each);
  }),
);

const [pgdParams, pgdEpsilon] = goldenAttacks['PGD in Linf'];
const [targetedParams, targetedEpsilon] = goldenAttacks['targeted PGD'];

/** Two of the three classes are the minority. */
const withMinority = (task: EvaluateTask): EvaluateTask => {
  const { name: family, entries, science } = metricFamilies.minority;
  const metrics = Object.entries<MetricEntry>(entries).map(([name, { shape, needs }]) => ({
    name,
    family,
    shape,
    needs: [...needs],
  }));
  const { evaluation } = task;
  return {
    ...task,
    science: { ...task.science, [`metrics:${family}`]: science },
    evaluation: { ...evaluation, minority: [1, 2], metrics: [...evaluation.metrics, ...metrics] },
  };
};

const abortSoon = (session: Session): void => void session.send({ type: 'abort' });

export const evaluationChecks: readonly Check[] = [
  ...goldenImages,
  check('rebatched', 'draws by example: another batch size changes no image', async (bench) => {
    const each = await evaluated(bench, pgdParams, pgdEpsilon, (task) => ({
      ...task,
      evaluation: { ...task.evaluation, batchSize: 12 },
    }));
    demandClose('images', each.array('images.npy'), bench.golden.tensor('PGD in Linf/images').data, arrayBound);
  }),
  check('several-budgets', 'commits every epsilon, each as if it were alone', async (bench) => {
    const task = evaluateCase(bench.decoded, { kind: 'fgsm', target: 'none' }, ['4/255', '8/255']);
    const { commits } = demandDone(await (await bench.session()).run(task, { artifacts: inputsOf(bench, task) }));
    const alone = await evaluated(bench, { kind: 'fgsm', target: 'none' }, '8/255');
    const found = commits.get(task.cells[1]!.cellId)?.scalars ?? {};
    for (const [name, value] of Object.entries(alone.commit.scalars))
      demand(
        Math.abs((found[name] ?? NaN) - value) <= 1e-6 * Math.max(1, Math.abs(value)),
        `${name} is ${found[name]}; alone it is ${value}`,
      );
  }),
  check('features', 'computes logits and features of all views as float64 does', async (bench) => {
    const each = await evaluated(bench, clean, '0/1');
    demandClose('logits', each.array('logits.npy'), bench.golden.tensor('clean images/logits').data, arrayBound);
    for (const { name, data } of bench.golden.group('clean images/features'))
      demandClose(name, each.array(`features/${name.replace('/', '-')}.npy`), data, arrayBound);
  }),
  check('means', 'stores the class means of all views as float64', async (bench) => {
    const { commit } = await evaluated(bench, clean, '0/1');
    const bytes = commit.artifacts.get('means.safetensors');
    demand(bytes !== undefined, 'no artifact means.safetensors');
    const found = new Map(decodeSafetensors(bytes, 'means.safetensors').map((tensor) => [tensor.name, tensor.data]));
    for (const { name, data } of bench.golden.group('given/means')) {
      demand(found.get(name) instanceof Float64Array, `${name} is not there, or not float64`);
      demandClose(name, found.get(name)!, data, arrayBound);
    }
  }),
  check('clean-metrics', 'measures clean features: every number to 1e-6', async (bench) => {
    const each = await evaluated(bench, clean, '0/1');
    await demandMetrics(bench, each);
    demandScalars(each);
  }),
  check('perturbed-metrics', 'measures perturbed features against clean means: every number to 1e-6', async (bench) =>
    demandMetrics(bench, await evaluated(bench, pgdParams, pgdEpsilon)),
  ),
  check('targeted-metrics', 'measures under the target labels: every number to 1e-6', async (bench) =>
    demandMetrics(bench, await evaluated(bench, targetedParams, targetedEpsilon)),
  ),
  check('minority-metrics', 'compares minority classes with the others: every number to 1e-6', async (bench) =>
    demandMetrics(bench, await evaluated(bench, pgdParams, pgdEpsilon, withMinority)),
  ),
  check('perturbation-scalars', 'reports how large perturbations are', async (bench) => {
    const { commit, array } = await evaluated(bench, pgdParams, pgdEpsilon);
    const images = array('images.npy');
    const clear = (await evaluated(bench, clean, '0/1')).array('images.npy');
    const largest = images.reduce((most, value, i) => Math.max(most, Math.abs(value - clear[i]!)), 0);
    demand(
      Math.abs(commit.scalars['perturbation_max']! - largest) < 1e-6,
      `perturbation_max ${commit.scalars['perturbation_max']}; its images have ${largest}`,
    );
    demand(commit.scalars['pixel_min'] === images.reduce((a, b) => Math.min(a, b)), 'pixel_min is not that of its images');
    demand(commit.scalars['pixel_max'] === images.reduce((a, b) => Math.max(a, b)), 'pixel_max is not that of its images');
    demand(
      commit.scalars['zero_gradient_share'] === 0,
      `zero_gradient_share ${commit.scalars['zero_gradient_share']}; expected 0`,
    );
  }),
  check('adaptive', "attacks and measures each view's nearest-mean classifier", async (bench) => {
    const task = evaluateCase(bench.decoded, adaptiveAttack, ['8/255']);
    const { commits } = demandDone(await (await bench.session()).run(task, { artifacts: inputsOf(bench, task) }));
    const commit = commits.get(task.cells[0]!.cellId);
    demand(commit !== undefined, 'its cell was not committed');
    demandScalars({ commit, task, array: () => new Float64Array() });
    const lines = await linesOf({ commit, task, array: () => new Float64Array() });
    const found = lines
      .map(({ layer, pooling, labels, metric }) => [layer, pooling, labels, metric].join('/'))
      .sort()
      .join(' ');
    const expected = task.evaluation.views
      .map((view) => `${viewKey(view)}/given/adaptive_ncc_accuracy`)
      .sort()
      .join(' ');
    demand(found === expected, `rows ${found}; expected ${expected}`);
    demand(
      lines.every(({ value }) => value >= 0 && value <= 1),
      'a share outside 0 to 1',
    );
  }),
  check('missing-input', 'ends a task whose input is missing with the failure class that it was told', async (bench) => {
    demandFailed(await (await bench.session()).run(evaluateCase(bench.decoded, clean, ['0/1'])), 'infrastructure');
  }),
  check('abort-evaluation', 'gives an evaluation back when aborted', async (bench) => {
    const budgets = Array.from({ length: 200 }, (_, i) => `${i + 1}/1000`);
    const task = evaluateCase(bench.decoded, { ...pgdParams, steps: 50 }, budgets);
    const outcome = await (
      await bench.session()
    ).run(task, { artifacts: inputsOf(bench, task), onRun: (self) => setTimeout(abortSoon, 300, self) });
    demandFailed(outcome, 'disruption');
    demand(outcome.ms < 20_000, `it took ${outcome.ms / 1000} s`);
  }),
];
