/** Where the arrays of evaluations go, which of them are already there, and whether the limits allow the rest. */
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import { cellFiles } from '@ncsweep/orchestrator/planning/plan/cell-files';
import { cellState } from '@ncsweep/orchestrator/engine/store/cell-state';
import type { StoreState } from '@ncsweep/orchestrator/engine/store/store-state';
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { blockedCells } from '@ncsweep/orchestrator/planning/plan/state';
import type { EvaluateCell } from '@ncsweep/catalog/cell';
import type { ArrayChoice } from '@ncsweep/catalog/cell-arrays';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { arrayBytes, covers, union } from './array-selection.ts';
import { isWhole, readPulledCell, type PulledCell } from './pulled-cell.ts';
import { sizeText } from '../size-text.ts';

/** A cell and where its arrays go. */
export interface Place {
  readonly cell: EvaluateCell;
  readonly label: string;
  /** Relative to the folder of the pull. */
  readonly folder: string;
  readonly at: string;
}

/** Folder names do not depend on which cells are chosen. @param root folder of the pull */
export function placesOf(plan: Plan, cells: readonly EvaluateCell[], root: string): Place[] {
  const label = cellLabels(plan);
  const evaluations = [...plan.cells.values()].filter(({ kind }) => kind === 'evaluate');
  const folders = new Map(cellFiles(evaluations, label).map(({ cell, file }) => [cell.cellId, path.join('arrays', file)]));
  return cells.map((cell) => {
    const folder = folders.get(cell.cellId)!;
    return { cell, label: label(cell), folder, at: path.join(root, folder) };
  });
}

export interface Stocktaking {
  /** Places that hold everything requested, intact and belonging to the current results. */
  readonly there: readonly { readonly place: Place; readonly pulled: PulledCell }[];
  readonly todo: readonly Place[];
  /** Places whose cell has no result to compare with. */
  readonly missing: readonly { readonly place: Place; readonly reason: string }[];
  /** What to make for each place to do: the request, plus what the place holds of the same results, so that a folder comes from one run. */
  readonly choice: ArrayChoice;
}

export async function takeStock(
  plan: Plan,
  places: readonly Place[],
  state: StoreState,
  asked: ArrayChoice,
): Promise<Stocktaking> {
  const blocked = blockedCells(plan, state);
  const there: Stocktaking['there'][number][] = [];
  const missing: Stocktaking['missing'][number][] = [];
  const todo: Place[] = [];
  let choice = asked;
  for (const place of places) {
    const { cell, at } = place;
    const { state: name, reason = name } = cellState(cell.cellId, state, blocked);
    const stored = state.done.get(cell.cellId);
    const pulled = await readPulledCell(at);
    const isCurrent = pulled !== undefined && pulled.resultSha256 === stored?.sha256;
    if (stored === undefined) missing.push({ place, reason });
    else if (isCurrent && covers(plan, cell, pulled.holds, asked) && (await isWhole(at, pulled))) there.push({ place, pulled });
    else {
      todo.push(place);
      if (isCurrent) choice = union(choice, pulled.holds);
    }
  }
  return { there, todo, missing, choice };
}

export interface ArrayLimits {
  /** Maximum number of evaluations to run again. */
  readonly most: number;
  /** Maximum size of their arrays, in 10⁹ bytes. */
  readonly mostGigabytes: number;
}

/** Free bytes on the disk of a folder, which need not exist yet. */
async function freeBytes(folder: string): Promise<number> {
  const found = await statfs(folder).catch(() => undefined);
  const parent = path.dirname(folder);
  if (found === undefined) return parent === folder ? Infinity : freeBytes(parent);
  return found.bavail * found.bsize;
}

/** How much is to be made again. */
export interface Meant {
  readonly evaluations: number;
  /** Approximate size of their arrays. */
  readonly bytes: number;
}

/** E.g. "2 evaluations, about 31 kB of arrays". */
export const meantText = ({ evaluations, bytes }: Meant): string =>
  `${evaluations} evaluation${evaluations === 1 ? '' : 's'}, about ${sizeText(bytes)} of arrays`;

/** @throws InvalidInputError naming what is requested, the limit, and the remedies */
export async function checkLimits(
  plan: Plan,
  { todo, choice }: Pick<Stocktaking, 'todo' | 'choice'>,
  { most, mostGigabytes }: ArrayLimits,
  root: string,
): Promise<Meant> {
  const size = (what: ArrayChoice): number => todo.reduce((sum, { cell }) => sum + arrayBytes(plan, cell, what), 0);
  const meant: Meant = { evaluations: todo.length, bytes: size(choice) };
  const refuse = (why: string, out: string): InvalidInputError =>
    new InvalidInputError(
      `pull: ${meantText(meant)}: ${why}. Remedy: select fewer with --where, such as attack, epsilon, split, seed, epoch, or layer and pooling; or ${out}`,
    );
  if (todo.length > most) throw refuse(`more than --most ${most} evaluations`, `--most ${todo.length}`);
  if (size(choice) > 1e9 * mostGigabytes)
    throw refuse(`more than --most-gb ${mostGigabytes}`, `--most-gb ${Math.ceil(size(choice) / 1e9)}`);
  const free = await freeBytes(root);
  // Images are written whether or not they are kept, because features are made from the file.
  if (size(union(choice, { images: choice.features, features: [] })) > free)
    throw refuse(`${root} has ${sizeText(free)} free`, 'another disk with --out');
  return meant;
}
