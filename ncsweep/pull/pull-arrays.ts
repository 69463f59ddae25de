/**
 * Pulls images and features of evaluations into a folder. Stores keep only their metrics, so the arrays are made again here, from
 * the stored weights. A cell's arrays are kept when the metrics measured from them match the stored ones.
 */
import { mkdir, mkdtemp, readdir, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { storeState, type StoreState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { BackendName } from '@ncsweep/catalog/backends';
import type { ArrayChoice } from '@ncsweep/catalog/cell-arrays';
import { checkLimits, placesOf, takeStock, type ArrayLimits, type Meant, type Place } from './array-places.ts';
import { filesOf, partOf, selectArrays, viewFiles } from './array-selection.ts';
import type { FoundSweep } from '../find-sweep.ts';
import type { Machine } from '../machine.ts';
import { checkReason, isSound, runAgain, type AgainControls, type AgainEvent, type SoundCheck } from '../run-again.ts';
import { cellFacts } from './pulled-cell-facts.ts';
import { writePulledCell, type PulledCell } from './pulled-cell.ts';

/** What happens while arrays are pulled. */
export type ArrayEvent = AgainEvent | ({ readonly kind: 'making'; readonly backend: BackendName } & Meant);

interface ArrayOptions extends ArrayLimits, AgainControls {
  /** Folder in which `arrays/` is created. */
  readonly folder: string;
  readonly where: readonly string[];
  readonly images: boolean;
  /** Includes logits. */
  readonly features: boolean;
  readonly onEvent: (event: ArrayEvent) => void;
}

interface PulledArray {
  readonly cellId: string;
  /** Relative to the folder of the pull. */
  readonly folder: string;
  /** Relative to `folder`. */
  readonly files: readonly string[];
  readonly verdict: string;
}

export interface PulledArrays {
  readonly cells: readonly PulledArray[];
  /** Cells whose arrays could not be pulled. */
  readonly missing: readonly { readonly cellId: string; readonly label: string; readonly reason: string }[];
  readonly interrupted: boolean;
}

const pulledArray = ({ cell: { cellId }, folder }: Place, { files }: PulledCell, verdict: string): PulledArray => {
  return { cellId, folder, files: files.map(({ file }) => file), verdict };
};

const notThere = ({ cell: { cellId }, label }: Place, reason: string): PulledArrays['missing'][number] => {
  return { cellId, label, reason };
};

/** Removes intermediate files. */
async function removeOthers(folder: string, wanted: readonly string[]): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const at = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !wanted.includes(path.relative(folder, at))) await rm(at);
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => path.join(parentPath, name));
  for (const each of folders) await rmdir(each).catch(() => undefined); // non-empty folders stay
}

interface Again {
  readonly found: FoundSweep;
  readonly done: StoreState['done'];
  readonly choice: ArrayChoice;
  readonly controls: AgainControls & Pick<ArrayOptions, 'onEvent'>;
}

/** Moves the arrays of a cell to their place. @param from folder written by a worker */
async function keep({ cell, at }: Place, from: string, check: SoundCheck, { found, done, choice }: Again): Promise<PulledCell> {
  const views = viewFiles(found.plan, cell, choice);
  const files = filesOf(views);
  await removeOthers(from, files);
  const facts = cellFacts(found, cell, done.get(cell.cellId)!, check);
  const pulled = await writePulledCell(from, { ...facts, holds: choice, views }, files);
  await rm(at, { recursive: true, force: true });
  await rename(from, at);
  return pulled;
}

/** Runs the cells of the places again and keeps what passes. @param folder on the same disk, for arrays not checked yet */
async function makeAgain(todo: readonly Place[], folder: string, again: Again, machine: Machine): Promise<PulledArrays> {
  const { found, done, choice, controls } = again;
  const cells: PulledArray[] = [];
  const missing: PulledArrays['missing'][number][] = [];
  const part = partOf(found.plan, choice);
  const options = { ...controls, cells: todo.map(({ cell }) => cell), done, arrays: { ...choice, folder }, part };
  const { checks, interrupted } = await runAgain(found, options, machine);
  for (const [i, check] of checks.entries()) {
    const place = todo[i]!;
    const from = path.join(folder, place.cell.cellId);
    if (isSound(check)) cells.push(pulledArray(place, await keep(place, from, check, again), check.verdict));
    else missing.push(notThere(place, checkReason(check)));
  }
  return { cells, missing, interrupted };
}

/**
 * @throws InvalidInputError when more is requested than the limits allow, or the backend is not on this machine; StoreUnavailableError,
 * WorkersFailedError
 */
export async function pullArrays(found: FoundSweep, options: ArrayOptions, machine: Machine): Promise<PulledArrays> {
  const { plan, store } = found;
  const { where, images, features, signal, kill, onEvent } = options;
  const root = path.resolve(options.folder);
  const { cells: chosen, views } = selectArrays(plan, where);
  const asked: ArrayChoice = { images: images ? views : [], features: features ? views : [] };
  const state = await storeState(plan, store, signal && { signal });
  const stock = await takeStock(plan, placesOf(plan, chosen, root), state, asked);
  const cells = stock.there.map(({ place, pulled }) => pulledArray(place, pulled, 'there already'));
  const missing = stock.missing.map(({ place, reason }) => notThere(place, reason));
  if (stock.todo.length === 0) return { cells, missing, interrupted: false };
  onEvent({ kind: 'making', backend: plan.backend, ...(await checkLimits(plan, stock, options, root)) });
  await mkdir(path.join(root, 'arrays'), { recursive: true });
  const unverified = await mkdtemp(path.join(root, 'arrays', '.unverified-'));
  try {
    const again: Again = { found, done: state.done, choice: stock.choice, controls: { signal, kill, onEvent } };
    const made = await makeAgain(stock.todo, unverified, again, machine);
    return { ...made, cells: [...cells, ...made.cells], missing: [...missing, ...made.missing] };
  } finally {
    await rm(unverified, { recursive: true, force: true });
  }
}
