/** Pulls the results of a sweep from its store into a folder, where other programs can read them. */
import path from 'node:path';
import type { Cell } from '@ncsweep/catalog/cell';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { CellNames } from '@ncsweep/orchestrator/planning/plan/cell-names';
import { cellsWhere, choose } from '@ncsweep/orchestrator/planning/plan/where';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import type { TrialRow } from '@ncsweep/protocol/tables';
import { tableFiles } from '@ncsweep/report/files/table-files';
import { findSweep, type FindOptions, type FoundSweep, type SweepReference } from '../find-sweep.ts';
import { thisMachine, type Machine } from '../machine.ts';
import { reportOf, writeReport } from '../report.ts';
import type { AgainControls } from '../run-again.ts';
import { tryFolder, writeAtomically } from '../output-folder.ts';
import { pullArrays, type ArrayEvent, type PulledArrays } from './pull-arrays.ts';
import { pullWeights, type Pulled } from './pull-weights.ts';

/** What can be pulled. No store holds images and features: they are made again here and checked against the results. */
export const pullKinds = ['weights', 'tables', 'report', 'images', 'features'] as const;
export type PullKind = (typeof pullKinds)[number];

export type PullEvent =
  /** One more file of weights is in the folder; 0 bytes were received for one that was already there. */
  | {
      readonly kind: 'weights';
      readonly file: string;
      readonly receivedBytes: number;
      readonly count: number;
      readonly of: number;
    }
  | ArrayEvent;

export interface PullOptions extends FindOptions, AgainControls {
  /** Default: weights and tables. */
  readonly what?: readonly PullKind[] | undefined;
  /** Only what has these values of its axes, each `axis=value[,value…]`, such as `training=AT`. Default: all. */
  readonly where?: readonly string[] | undefined;
  /** Default: `pulled/<name of the sweep>`. */
  readonly folder?: string | undefined;
  /** Maximum number of evaluations whose arrays are made again. Default: 20. */
  readonly most?: number | undefined;
  /** Maximum size of the arrays that are made again, in 10⁹ bytes. Default: 20. */
  readonly mostGigabytes?: number | undefined;
  readonly onEvent?: ((event: PullEvent) => void) | undefined;
}

export interface PulledResults {
  readonly folder: string;
  /** Relative to the folder. */
  readonly files: readonly string[];
  /** If weights were requested. */
  readonly weights?: Pulled;
  /** If images or features were requested. */
  readonly arrays?: PulledArrays;
}

const rowNames = (row: TrialRow): CellNames => ({
  dataset: [row.dataset],
  architecture: [row.architecture],
  training: [row.training],
  seed: [String(row.seed)],
  epoch: [String(row.epoch)],
  attack: [row.attack],
  epsilon: [row.epsilon],
  split: [row.split],
  layer: [row.layer],
  pooling: [row.pooling],
  labels: [row.labels],
});

/** The tables, narrowed to the requested rows. @throws InvalidInputError */
function narrowed(tables: SweepTables, where: readonly string[]): SweepTables {
  const trials = choose(tables.trials, rowNames, where, 'rows');
  const ids = new Set(trials.map(({ trialId }) => trialId));
  return { ...tables, trials, matrices: tables.matrices.filter(({ trialId }) => ids.has(trialId)) };
}

/** The request, with all defaults filled in. */
interface Asked extends PullOptions {
  readonly what: readonly PullKind[];
  readonly where: readonly string[];
  readonly folder: string;
}

async function pullTables({ what, where, folder, signal }: Asked, { plan, store }: FoundSweep): Promise<string[]> {
  const files: string[] = [];
  if (!what.includes('tables') && !what.includes('report')) return files;
  const report = await reportOf(plan, store, signal && { signal });
  if (what.includes('tables'))
    for (const [name, content] of tableFiles(narrowed(report.tables, where))) {
      await writeAtomically(path.join(folder, 'tables', name), content);
      files.push(path.join('tables', name));
    }
  if (what.includes('report')) files.push(path.relative(folder, await writeReport(report, path.join(folder, 'report'))));
  return files;
}

function pullSnapshots({ folder, onEvent }: Asked, { plan, store }: FoundSweep, snapshots: readonly Cell[]): Promise<Pulled> {
  let count = 0;
  const onFile = (file: string, receivedBytes: number): void => {
    count += 1;
    onEvent?.({ kind: 'weights', file, receivedBytes, count, of: snapshots.length });
  };
  return pullWeights({ plan, store, folder }, snapshots, onFile);
}

async function pullImagesAndFeatures(asked: Asked, found: FoundSweep, machine: Machine): Promise<PulledArrays | undefined> {
  const { what, folder, where, most = 20, mostGigabytes = 20, signal, kill, onEvent = () => undefined } = asked;
  const [images, features] = [what.includes('images'), what.includes('features')];
  if (!images && !features) return undefined;
  return pullArrays(found, { folder, where, images, features, most, mostGigabytes, signal, kill, onEvent }, machine);
}

async function writeManifest({ folder, where }: Asked, { plan, store }: FoundSweep, { files, missing }: Pulled): Promise<void> {
  const { sweep, planDigest, backend } = plan;
  const manifest = { v: 1, sweep: sweep.name, planDigest, backend, store: store.location, where, weights: files, missing };
  await writeAtomically(path.join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/**
 * Pulls weights, tables, report, images and features of a sweep. What is already in the folder is not fetched again. Weights are verified
 * against the digests of their results; images and features are made again on this machine from the stored weights, and kept where the
 * metrics measured from them match the stored ones.
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError, WorkersFailedError; CorruptObjectError for damaged weights
 * @example
 * ```ts
 * import { pullResults } from 'ncsweep';
 *
 * const { folder, files } = await pullResults('tiny', { what: ['weights', 'tables'], where: ['training=AT'] });
 * console.log(folder, files);
 * ```
 */
export async function pullResults(sweep: SweepReference, options: PullOptions = {}): Promise<PulledResults> {
  const { what = ['weights', 'tables'], where = [], machine = thisMachine() } = options;
  if (where.length > 0 && what.includes('report'))
    throw new InvalidInputError(
      '--where: a report covers the whole sweep; pull weights or tables with --where, or the report without it',
    );
  const found = await findSweep(sweep, options);
  const folder = options.folder ?? path.join('pulled', found.plan.sweep.name);
  tryFolder(folder);
  const asked: Asked = { ...options, what, where, folder };
  const snapshots = what.includes('weights') ? cellsWhere(found.plan, where, 'snapshot') : undefined;
  const tables = await pullTables(asked, found);
  const weights = snapshots && (await pullSnapshots(asked, found, snapshots));
  const arrays = await pullImagesAndFeatures(asked, found, machine);
  if (weights !== undefined) await writeManifest(asked, found, weights);
  const files = [...tables, ...weightFiles(weights), ...arrayFiles(arrays)];
  return { folder, files, ...(weights && { weights }), ...(arrays && { arrays }) };
}

const weightFiles = (weights: Pulled | undefined): string[] => (weights?.files ?? []).map(({ file }) => file);

const arrayFiles = (arrays: PulledArrays | undefined): string[] =>
  (arrays?.cells ?? []).flatMap(({ folder, files }) => ['cell.json', ...files].map((file) => path.join(folder, file)));
