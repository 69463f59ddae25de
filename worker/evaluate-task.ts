/** Runs an evaluation task: one snapshot × one attack family × one split. Each epsilon's cell is committed once it is measured. */
import { join } from 'node:path';
import { viewKey } from '@ncsweep/catalog/views';
import type { Means } from '@ncsweep/collapse/class-means';
import { standingFile } from '@ncsweep/catalog/compute/standing';
import type { EvaluateTask } from '@ncsweep/protocol/compute/task-document';
import type { MetricLine } from '@ncsweep/protocol/tables';
import { networkClassifier } from './attack/objective.ts';
import { type KnownAttack, readAttack } from './attack/read-attack.ts';
import type { Dataset } from './data/dataset.ts';
import { measureAdaptive } from './evaluate/adaptive.ts';
import { ArrayFolder, straight, type Through } from './evaluate/array-folder.ts';
import { measureFeatures, networkFeatures, type Batches, type FeatureOptions } from './evaluate/measure.ts';
import { encodeStanding } from './evaluate/cascade.ts';
import { BatchCache } from './evaluate/batch-cache.ts';
import { decodeMeans, encodeMeans, encodeMetrics, meansFile, metricsFile } from './evaluate/metrics-file.ts';
import { Perturber, zeroGradients } from './evaluate/perturb.ts';
import { eachBatch, type SplitSource } from './evaluate/split-source.ts';
import { loadNetwork, type LoadedNetwork } from './model/load-network.ts';
import { PluginFunctions } from './plugin/plugin-functions.ts';
import { TaskFailure, type CellOutcome, type TaskIo } from './task-io.ts';

type EvaluateTaskCell = EvaluateTask['cells'][number];

interface Context extends LoadedNetwork {
  readonly task: EvaluateTask;
  readonly source: SplitSource;
}

export async function evaluateTask(
  task: EvaluateTask,
  dataset: Dataset,
  io: TaskIo,
  functions = new PluginFunctions(),
): Promise<void> {
  const attack = readAttack(task.evaluation.attack, functions);
  const settled = await Promise.all(task.cells.map(({ cellId }) => io.isSettled(cellId)));
  const pending = task.cells.filter((_, i) => !settled[i]);
  const first = pending[0];
  if (!first) return;
  const { split, snapshot, batchSize } = task.evaluation;
  const { network, classifier } = loadNetwork(task.network.nodes, await io.readArtifact(snapshot, 'weights.safetensors'));
  const source: SplitSource = {
    name: split,
    split: dataset[split],
    classes: dataset.classes,
    image: dataset.image,
    batchSize,
    seed: task.seed,
    pulse: async () => {
      await new Promise(setImmediate); // let messages in: abort, heartbeat
      if (io.signal.aborted) throw new TaskFailure('disruption', first.cellId, 'given back');
    },
  };
  try {
    await evaluateCells(pending, attack, { network, classifier, task, source }, io);
  } finally {
    network.dispose();
  }
}

async function evaluateCells(
  cells: readonly EvaluateTaskCell[],
  attack: KnownAttack | undefined,
  context: Context,
  io: TaskIo,
): Promise<void> {
  let shared: Shared | undefined;
  try {
    for (const cell of cells) {
      const startedAtMs = io.now();
      let outcome: Omit<CellOutcome, 'computeMs'>;
      if (attack === undefined) outcome = await throughFolder(cell, context, cleanOutcome);
      else {
        const prepared = (shared ??= await prepare(attack, context, io));
        outcome = await throughFolder(cell, context, (evaluating) => perturbedOutcome(attack, cell, evaluating, prepared));
      }
      io.progress(cell.cellId, {
        values: Object.fromEntries(Object.entries(outcome.scalars).filter(([name]) => name === 'accuracy' || name === 'loss')),
      });
      await io.commit(cell.cellId, { ...outcome, computeMs: io.now() - startedAtMs });
    }
  } finally {
    shared?.perturber.dispose();
  }
}

interface Evaluating extends Context {
  readonly through: Through;
}

/** Evaluates directly, or through the requested files. */
async function throughFolder<T>(
  { cellId }: EvaluateTaskCell,
  context: Context,
  evaluate: (evaluating: Evaluating) => Promise<T>,
): Promise<T> {
  const { source, task } = context;
  const { arrays } = task.evaluation;
  if (arrays === undefined) return evaluate({ ...context, through: straight });
  const folder = new ArrayFolder(join(arrays.folder, cellId), arrays.features, source);
  try {
    return await evaluate({ ...context, through: folder.through });
  } finally {
    folder.close();
  }
}

/** What the cells of a task have in common. */
interface Shared {
  readonly cleanMeans: ReadonlyMap<string, Means>;
  /** Attacks the network's own loss. */
  readonly perturber: Perturber;
  /** Taken at the clean images, so it does not depend on epsilon. Undefined where the attack uses no gradient of the network. */
  readonly zeroGradientShare?: number;
  /** The same of each layer's classifier, once it was attacked. */
  readonly zeroShares: Map<string, number>;
}

async function prepare(attack: KnownAttack, { network, source, task }: Context, io: TaskIo): Promise<Shared> {
  const cleanMeans = decodeMeans(await io.readArtifact(task.evaluation.clean!, meansFile));
  const classifier = networkClassifier(network);
  const perturber = new Perturber(attack, classifier, source);
  const shared = { cleanMeans, perturber, zeroShares: new Map<string, number>() };
  if (attack.climbs !== 'network') return shared;
  return { ...shared, zeroGradientShare: await zeroGradients(attack, classifier, source) };
}

async function cleanOutcome(context: Evaluating): Promise<Omit<CellOutcome, 'computeMs'>> {
  const { source, network, task, through } = context;
  const { views } = task.evaluation;
  const images: Batches = (use) => eachBatch(source, use);
  const features = await through(images, (batches) => networkFeatures(batches, network), views);
  const { lines, means, accuracy, loss } = await measureFeatures(features, measureOptions(context));
  return {
    artifacts: [
      { name: metricsFile, bytes: encodeMetrics(lines) },
      { name: meansFile, bytes: encodeMeans(means) },
    ],
    scalars: { accuracy, loss },
  };
}

/** Every objective here uses the loaded network, which is also the one measured. */
const attackTiming = 'fresh';

async function perturbedOutcome(
  attack: KnownAttack,
  budget: EvaluateTaskCell,
  context: Evaluating,
  { cleanMeans, perturber, zeroGradientShare, zeroShares }: Shared,
): Promise<Omit<CellOutcome, 'computeMs'>> {
  const { source, network, through, task } = context;
  const { views, arrays } = task.evaluation;
  if (attack.climbs === 'each layer') {
    const options = { network, views, cleanMeans, through, zeroShares };
    const { lines, facts, zeroGradientShare: worst } = await measureAdaptive(attack, budget, source, options);
    const scalars = { ...facts, zero_gradient_share: worst };
    return { artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }], scalars, attackTiming };
  }
  const kept = arrays ? undefined : new BatchCache(); // a file of images can be read again instead
  const perturbed = perturber.batches(budget, kept);
  const measured = through(perturbed.batches, (batches) => networkFeatures(batches, network), views).then((features) =>
    measureFeatures(features, { ...measureOptions(context), cleanMeans }),
  );
  const { lines, accuracy, loss } = await measured.finally(() => kept?.dispose());
  const share = zeroGradientShare === undefined ? {} : { zero_gradient_share: zeroGradientShare };
  const scalars = { accuracy, loss, ...perturbed.facts(), ...share };
  const standing = await perturbed.standing();
  if (standing === undefined) return { artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }], scalars, attackTiming };
  const robust = standing.reduce((sum, stands) => sum + stands, 0) / standing.length;
  return {
    artifacts: [
      { name: metricsFile, bytes: encodeMetrics(withAccuracy(lines, robust)) },
      { name: standingFile, bytes: encodeStanding(standing) },
    ],
    scalars: { ...scalars, accuracy: robust },
    attackTiming,
  };
}

/** The images measured are those of the first stage; the network's accuracy is against all of them. */
const withAccuracy = (lines: readonly MetricLine[], value: number): readonly MetricLine[] =>
  lines.map((line) => (line.layer === '' && line.metric === 'accuracy' ? { ...line, value } : line));

const measureOptions = ({ classifier, task, source }: Context): FeatureOptions => ({
  views: task.evaluation.views,
  last: lastView(task),
  conventions: task.evaluation.labels,
  classes: source.classes,
  ...(source.split.sideLabels && { sideLabels: source.split.sideLabels }),
  ...(task.evaluation.minority && { minority: task.evaluation.minority }),
  classifier,
});

/** Key of the view of the last layer, which is a vector. */
const lastView = ({ network }: EvaluateTask): string => viewKey({ layer: network.layers.at(-1)!.name, pooling: 'flatten' });
