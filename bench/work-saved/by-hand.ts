/**
 * A training and evaluations of it as a person would script them: the worker's own kernels, without store, queue and supervisor.
 * `node by-hand.ts BACKEND JOB` (job.ts, as JSON) prints the accuracy of every evaluation, in order.
 */
import process from 'node:process';
import type { KnownTask } from '@ncsweep/catalog/known-task';
import { networkClassifier } from '@ncsweep/worker/attack/objective';
import { openBackend, tensorFlowBackend } from '@ncsweep/worker/backend/backend';
import type { Dataset } from '@ncsweep/worker/data/dataset';
import { openDataset } from '@ncsweep/worker/data/open-dataset';
import { measure, type Measurement } from '@ncsweep/worker/evaluate/measure';
import { BatchCache } from '@ncsweep/worker/evaluate/batch-cache';
import { Perturber } from '@ncsweep/worker/evaluate/perturb';
import { eachBatch, type SplitSource } from '@ncsweep/worker/evaluate/split-source';
import { loadNetwork, type LoadedNetwork } from '@ncsweep/worker/model/load-network';
import type { TaskIo } from '@ncsweep/worker/task-io';
import { trainTask } from '@ncsweep/worker/train-task';
import { pixels, stepPixels } from '@ncsweep/catalog/compute/pixels';
import { networkNodes } from '@ncsweep/catalog/architectures';
import { attackNorm, attackOf } from '@ncsweep/catalog/attacks';
import { documentOf, type DecodedData } from '@ncsweep/catalog/compute/document';
import { normalisationOf } from '@ncsweep/catalog/datasets';
import { viewKey, viewsOf } from '@ncsweep/catalog/views';
import type { TrainTask } from '@ncsweep/protocol/compute/task-document';
import { readAttack } from '@ncsweep/worker/attack/read-attack';
import { plainLabels } from './plain-labels.ts';
import { cleanOf, type Evaluation } from './count-work.ts';
import type { Job } from './job.ts';

const none = (): Promise<never> => Promise.reject(new Error('a script has no store'));

/** @returns weights by epoch, as a file would hold them */
async function train({ lineage, epochs, batchSize }: Job, dataset: Dataset): Promise<ReadonlyMap<number, Uint8Array>> {
  if (lineage.recipe.kind !== 'train') throw new TypeError('the job trains nothing');
  const kept = new Map<number, Uint8Array>();
  const io: TaskIo = {
    isSettled: () => Promise.resolve(false),
    latestCheckpoint: () => Promise.resolve(undefined),
    readArtifact: none,
    saveCheckpoint: none,
    commit: (epoch, { artifacts }) => Promise.resolve(void kept.set(Number(epoch), artifacts[0]!.bytes)),
    progress: () => undefined,
    log: () => undefined,
    now: Date.now,
    signal: new AbortController().signal,
  };
  const task: KnownTask = {
    v: 1,
    kind: 'task',
    taskId: '',
    sweep: '',
    class: 'train',
    lineage,
    sources: {},
    cells: epochs.map((epoch) => ({ kind: 'snapshot', cellId: String(epoch), epoch })),
    numerics: { backend: 'wasm', batchSize },
    deadlineMs: Infinity,
    checkpointEveryMs: Infinity,
  };
  await trainTask(documentOf(task, described(dataset)) as TrainTask, dataset, io);
  return kept;
}

/** As a document says it; the arrays themselves stay in memory. */
function described({ classes, image, train, test }: Dataset): DecodedData {
  const file = { path: '-', dtype: 'float32', shape: [], sha256: '' } as const;
  const [seen, unseen] = [train, test].map(({ count }) => ({
    count,
    images: { ...file, shape: [] },
    labels: { ...file, shape: [] },
  }));
  const data = { key: '', classes, image: [...image] as [number, number, number], train: seen!, test: unseen! };
  return { data, sideLabels: { train: {}, test: {} } };
}

const nodesFor = ({ lineage }: Job, { classes, image }: Dataset) =>
  networkNodes(lineage.architecture, { classes, image, normalisation: normalisationOf(lineage.dataset) });

const sourceOf = ({ lineage, batchSize }: Job, dataset: Dataset, name: 'train' | 'test'): SplitSource => ({
  name,
  split: dataset[name],
  classes: dataset.classes,
  image: dataset.image,
  batchSize,
  seed: lineage.seed,
  pulse: () => Promise.resolve(),
});

function evaluate(
  job: Job,
  source: SplitSource,
  loaded: LoadedNetwork,
  { attack, epsilon }: Evaluation,
  clean?: Measurement,
): Promise<Measurement> {
  const all = viewsOf(job.lineage.architecture);
  const { classes } = source;
  const options = {
    ...loaded,
    classes,
    views: job.view ? [job.view] : all,
    last: viewKey(all.at(-1)!),
    conventions: plainLabels(classes),
  };
  if (attack.kind === 'none') return measure((use) => eachBatch(source, use), options);
  const kept = new BatchCache();
  const { kind, ...values } = attack;
  const part = attackOf(attack);
  const known = readAttack({ kind, norm: attackNorm(attack), ...part.resolve(values) })!;
  const perturber = new Perturber(known, networkClassifier(loaded.network), source);
  const step = part.stepOf?.(values);
  const budget = { epsilon: pixels(epsilon), stepSize: step && stepPixels(step, pixels(epsilon)) };
  const { batches } = perturber.batches(budget, kept);
  const measured = measure(batches, { ...options, cleanMeans: clean!.means });
  return measured.finally(() => {
    kept.dispose();
    perturber.dispose();
  });
}

async function run(job: Job): Promise<number[]> {
  const dataset = await openDataset(job.lineage.dataset, job.lineage.seed, none);
  const weights = await train(job, dataset);
  const networks = new Map([...weights].map(([epoch, bytes]) => [epoch, loadNetwork(nodesFor(job, dataset), bytes)]));
  const accuracies: number[] = [];
  for (const grid of job.grids) {
    const clean = new Map<string, Measurement>();
    for (const { epoch, params } of grid) {
      const [source, network, at] = [sourceOf(job, dataset, params.split), networks.get(epoch)!, `${epoch} ${params.split}`];
      const reference = clean.get(at) ?? (await evaluate(job, source, network, cleanOf(params)));
      clean.set(at, reference);
      const measured = params.attack.kind === 'none' ? reference : await evaluate(job, source, network, params, reference);
      accuracies.push(measured.accuracy);
    }
  }
  return accuracies;
}

await openBackend(tensorFlowBackend.parse(process.argv[2]), { threads: 1 });
process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[3]!) as Job)));
