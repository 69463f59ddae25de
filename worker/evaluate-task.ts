/** Runs an evaluation task: one snapshot × one attack family × one split. Each epsilon's cell is committed once it is measured. */
import { join } from 'node:path';
import { attackOf, type AttackParams, type Perturbing } from '@ncsweep/catalog/attacks';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import { isAdaptive, measuredViews, type ArrayRequest } from '@ncsweep/catalog/cell-arrays';
import type { KnownCell, KnownTask } from '@ncsweep/catalog/known-task';
import { viewsOf, type View } from '@ncsweep/catalog/views';
import type { Means } from '@ncsweep/collapse/class-means';
import { networkClassifier } from './attack/objective.ts';
import type { Dataset } from './data/dataset.ts';
import { measureAdaptive } from './evaluate/adaptive.ts';
import { ArrayFolder, straight, type Through } from './evaluate/array-folder.ts';
import { measureFeatures, networkFeatures, type Batches, type FeatureOptions } from './evaluate/measure.ts';
import { BatchCache } from './evaluate/batch-cache.ts';
import { decodeMeans, encodeMeans, encodeMetrics, meansFile, metricsFile } from './evaluate/metrics-file.ts';
import { eachBatch, Perturber, zeroGradients, type SplitSource } from './evaluate/perturb.ts';
import { loadNetwork, type LoadedNetwork } from './model/load-network.ts';
import { TaskFailure, type CellOutcome, type TaskIo } from './task-io.ts';
import { pixels } from '@ncsweep/catalog/compute/pixels';

type EvaluateTaskCell = Extract<KnownCell, { kind: 'evaluate' }>;

interface Context extends LoadedNetwork {
  readonly architecture: ArchitectureParams;
  readonly source: SplitSource;
  /** The views to measure. */
  readonly views: readonly View[];
  /** Which images and network outputs are written to files. */
  readonly arrays: ArrayRequest | undefined;
}

/** @param arrays to write beside the results */
export async function evaluateTask(task: KnownTask, dataset: Dataset, io: TaskIo, arrays?: ArrayRequest): Promise<void> {
  const settled = await Promise.all(task.cells.map(({ cellId }) => io.isSettled(cellId)));
  const pending = task.cells.filter((cell, i): cell is EvaluateTaskCell => cell.kind === 'evaluate' && !settled[i]);
  const first = pending[0];
  if (!first) return;
  const { architecture } = task.lineage;
  const weights = await io.readArtifact(first.inputs[0]!, 'weights.safetensors');
  const { network, classifier } = loadNetwork(architecture, dataset, weights);
  const { split } = first.params;
  const source: SplitSource = {
    name: split,
    split: dataset[split],
    classes: dataset.classes,
    image: dataset.image,
    batchSize: task.numerics.batchSize,
    seed: task.lineage.seed,
    pulse: async () => {
      await new Promise(setImmediate); // let messages in: abort, heartbeat
      if (io.signal.aborted) throw new TaskFailure('disruption', first.cellId, 'given back');
    },
  };
  const views = arrays ? measuredViews(architecture, first.params.attack, arrays) : viewsOf(architecture);
  try {
    await evaluateCells(pending, { network, classifier, architecture, source, views, arrays }, io);
  } finally {
    network.dispose();
  }
}

async function evaluateCells(cells: readonly EvaluateTaskCell[], context: Context, io: TaskIo): Promise<void> {
  let shared: Shared | undefined;
  try {
    for (const cell of cells) {
      const startedAtMs = io.now();
      const { attack } = cell.params;
      let outcome: Omit<CellOutcome, 'computeMs'>;
      if (attack.kind === 'none') outcome = await throughFolder(cell, context, cleanOutcome);
      else {
        const prepared = (shared ??= await prepare(attack, cell, context, io));
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
  const { arrays, source } = context;
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
}

async function prepare(attack: Perturbing, cell: EvaluateTaskCell, { network, source }: Context, io: TaskIo): Promise<Shared> {
  const cleanMeans = decodeMeans(await io.readArtifact(cell.inputs[1]!, meansFile));
  const classifier = networkClassifier(network);
  const perturber = new Perturber(attack, classifier, source);
  if (attackOf(attack).climbs(attack) !== 'network') return { cleanMeans, perturber };
  return { cleanMeans, perturber, zeroGradientShare: await zeroGradients(attack, classifier, source) };
}

async function cleanOutcome(context: Evaluating): Promise<Omit<CellOutcome, 'computeMs'>> {
  const { source, network, views, through } = context;
  const images: Batches = (use) => eachBatch(source, use);
  const features = await through(images, (batches) => networkFeatures(batches, network), views);
  const { lines, means, accuracy, loss } = await measureFeatures(features, measureOptions(context, { kind: 'none' }));
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
  attack: Perturbing,
  cell: EvaluateTaskCell,
  context: Evaluating,
  { cleanMeans, perturber, zeroGradientShare }: Shared,
): Promise<Omit<CellOutcome, 'computeMs'>> {
  const { source, network, views, through, arrays } = context;
  const epsilon = pixels(cell.params.epsilon);
  if (isAdaptive(attack)) {
    const { lines, facts } = await measureAdaptive(attack, epsilon, source, { ...context, cleanMeans });
    return { artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }], scalars: { ...facts }, attackTiming };
  }
  const kept = arrays ? undefined : new BatchCache(); // a file of images can be read again instead
  const perturbed = perturber.batches(epsilon, kept);
  const measured = through(perturbed.batches, (batches) => networkFeatures(batches, network), views).then((features) =>
    measureFeatures(features, { ...measureOptions(context, attack), cleanMeans }),
  );
  const { lines, accuracy, loss } = await measured.finally(() => kept?.dispose());
  const share = zeroGradientShare === undefined ? {} : { zero_gradient_share: zeroGradientShare };
  return {
    artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }],
    scalars: { accuracy, loss, ...perturbed.facts(), ...share },
    attackTiming,
  };
}

const measureOptions = ({ classifier, architecture, source, views }: Context, attack: AttackParams): FeatureOptions => ({
  architecture,
  classes: source.classes,
  ...(source.split.sideLabels && { sideLabels: source.split.sideLabels }),
  classifier,
  attack,
  views,
});
