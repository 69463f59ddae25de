/** Runs an evaluation task: one snapshot × one attack family × one split; each epsilon's cell goes to its commit as soon as it is measured. */
import { attackOf, type AttackParams, type Perturbing } from '@ncsweep/catalog/attacks';
import type { KnownCell, KnownTask } from '@ncsweep/catalog/known-task';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { Means } from '@ncsweep/collapse/class-means';
import { networkObjective } from './attack/objective.ts';
import type { Dataset } from './data/dataset.ts';
import { measureAdaptive } from './evaluate/adaptive.ts';
import { measure, type MeasureOptions } from './evaluate/measure.ts';
import { BatchCache } from './evaluate/batch-cache.ts';
import { decodeMeans, encodeMeans, encodeMetrics, meansFile, metricsFile } from './evaluate/metrics-file.ts';
import { eachBatch, Perturber, zeroGradients, type SplitSource } from './evaluate/perturb.ts';
import { loadNetwork, type LoadedNetwork } from './model/load-network.ts';
import { TaskFailure, type CellOutcome, type TaskIo } from './task-io.ts';
import { pixels } from './attack/budget.ts';

type EvaluateTaskCell = Extract<KnownCell, { kind: 'evaluate' }>;

interface Context extends LoadedNetwork {
  readonly architecture: ArchitectureParams;
  readonly source: SplitSource;
}

export async function evaluateTask(task: KnownTask, dataset: Dataset, io: TaskIo): Promise<void> {
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
  try {
    await evaluateCells(pending, { network, classifier, architecture, source }, io);
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
      if (attack.kind === 'none') outcome = await cleanOutcome(context);
      else outcome = await perturbedOutcome(attack, cell, context, (shared ??= await prepare(attack, cell, context, io)));
      io.progress(cell.cellId, {
        values: Object.fromEntries(Object.entries(outcome.scalars).filter(([name]) => name === 'accuracy' || name === 'loss')),
      });
      await io.commit(cell.cellId, { ...outcome, computeMs: io.now() - startedAtMs });
    }
  } finally {
    shared?.perturber.dispose();
  }
}

/** What the cells of a task have in common. */
interface Shared {
  readonly cleanMeans: ReadonlyMap<string, Means>;
  /** Against the network's own loss. */
  readonly perturber: Perturber;
  /** At the clean images, so that it does not depend on epsilon; undefined where the attack climbs no gradient of the network. */
  readonly zeroGradientShare?: number;
}

async function prepare(attack: Perturbing, cell: EvaluateTaskCell, { network, source }: Context, io: TaskIo): Promise<Shared> {
  const cleanMeans = decodeMeans(await io.readArtifact(cell.inputs[1]!, meansFile));
  const objective = networkObjective(network);
  const perturber = new Perturber(attack, objective, source);
  if (attackOf(attack).climbs(attack) !== 'network') return { cleanMeans, perturber };
  return { cleanMeans, perturber, zeroGradientShare: await zeroGradients(attack, objective, source) };
}

async function cleanOutcome(context: Context): Promise<Omit<CellOutcome, 'computeMs'>> {
  const { lines, means, accuracy, loss } = await measure(
    (use) => eachBatch(context.source, use),
    measureOptions(context, { kind: 'none' }),
  );
  return {
    artifacts: [
      { name: metricsFile, bytes: encodeMetrics(lines) },
      { name: meansFile, bytes: encodeMeans(means) },
    ],
    scalars: { accuracy, loss },
  };
}

async function perturbedOutcome(
  attack: Perturbing,
  cell: EvaluateTaskCell,
  context: Context,
  shared: Shared,
): Promise<Omit<CellOutcome, 'computeMs'>> {
  const epsilon = pixels(cell.params.epsilon);
  if (attackOf(attack).climbs(attack) === 'each layer') {
    const { lines, facts } = await measureAdaptive(attack, epsilon, context.source, context, shared.cleanMeans);
    return { artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }], scalars: { ...facts } };
  }
  const kept = new BatchCache();
  const perturbed = shared.perturber.batches(epsilon, kept);
  const options = { ...measureOptions(context, attack), cleanMeans: shared.cleanMeans };
  const { lines, accuracy, loss } = await measure(perturbed.batches, options).finally(() => kept.dispose());
  const share = shared.zeroGradientShare === undefined ? {} : { zero_gradient_share: shared.zeroGradientShare };
  return {
    artifacts: [{ name: metricsFile, bytes: encodeMetrics(lines) }],
    scalars: { accuracy, loss, ...perturbed.facts(), ...share },
  };
}

const measureOptions = ({ network, classifier, architecture, source }: Context, attack: AttackParams): MeasureOptions => ({
  network,
  architecture,
  classes: source.classes,
  classifier,
  attack,
});
