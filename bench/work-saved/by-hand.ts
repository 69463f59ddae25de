/**
 * A training and evaluations of it as a person would script them: the worker's own kernels, without store, queue and supervisor.
 * `node by-hand.ts BACKEND JOB` (job.ts, as JSON) prints the accuracy of every evaluation, in order.
 */
import process from 'node:process';
import type { KnownTask } from '@ncsweep/catalog/known-task';
import { backendName } from '@ncsweep/catalog/backends';
import { networkClassifier } from '@ncsweep/worker/attack/objective';
import { openBackend } from '@ncsweep/worker/backend/backend';
import type { Dataset } from '@ncsweep/worker/data/dataset';
import { openDataset } from '@ncsweep/worker/data/open-dataset';
import { measure, type Measurement } from '@ncsweep/worker/evaluate/measure';
import { BatchCache } from '@ncsweep/worker/evaluate/batch-cache';
import { eachBatch, Perturber, type SplitSource } from '@ncsweep/worker/evaluate/perturb';
import { loadNetwork, type LoadedNetwork } from '@ncsweep/worker/model/load-network';
import type { TaskIo } from '@ncsweep/worker/task-io';
import { trainTask } from '@ncsweep/worker/train-task';
import { pixels } from '@ncsweep/catalog/compute/pixels';
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
    sourcePath: none,
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
  await trainTask(task, lineage.recipe, dataset, io);
  return kept;
}

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
  const { architecture } = job.lineage;
  const options = { ...loaded, architecture, classes: source.classes, ...(job.view && { views: [job.view] }) };
  if (attack.kind === 'none') return measure((use) => eachBatch(source, use), { ...options, attack });
  const kept = new BatchCache();
  const perturber = new Perturber(attack, networkClassifier(loaded.network), source);
  const { batches } = perturber.batches(pixels(epsilon), kept);
  const measured = measure(batches, { ...options, attack, cleanMeans: clean!.means });
  return measured.finally(() => {
    kept.dispose();
    perturber.dispose();
  });
}

async function run(job: Job): Promise<number[]> {
  const dataset = await openDataset(job.lineage.dataset, job.lineage.seed, none);
  const weights = await train(job, dataset);
  const networks = new Map([...weights].map(([epoch, bytes]) => [epoch, loadNetwork(job.lineage.architecture, dataset, bytes)]));
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

await openBackend(backendName.parse(process.argv[2]), { threads: 1 });
process.stdout.write(JSON.stringify(await run(JSON.parse(process.argv[3]!) as Job)));
