/** Finds what a person means by an id, or by its first digits. */
import { InvalidInputError, NotFoundError } from '@ncsweep/protocol/errors';
import { keys } from '@ncsweep/protocol/keys';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import type { Plan } from '../../planning/plan/plan.ts';
import { trials } from '../../planning/plan/trials.ts';
import { trialIdOf } from '../ingest/ingest.ts';
import { cellStory, storedStory, trialStory, type CellStory, type StoredStory, type TrialStory } from './story.ts';

const prefixPattern = /^[0-9a-f]{6,64}$/;

/** Reads the story on request. */
type Tell = () => Promise<CellStory | TrialStory | StoredStory>;

function matchesInPlan(plan: Plan, store: ObjectStore, prefix: string): Map<string, Tell> {
  const found = new Map<string, Tell>();
  for (const cell of plan.cells.values())
    if (cell.cellId.startsWith(prefix)) found.set(cell.cellId, () => cellStory(plan, store, cell));
  if (prefix.length > 16) return found;
  for (const trial of trials(plan.sweep)) {
    const trialId = trialIdOf(plan.cellAt[trial.place.cellNumber]!, trial);
    if (trialId.startsWith(prefix)) found.set(trialId, () => trialStory(plan, store, trialId, trial));
  }
  return found;
}

/** Cells that no known sweep plans, such as those of a sweep that was edited, or that another user shared. */
async function matchesInStore(store: ObjectStore, prefix: string): Promise<Map<string, Tell>> {
  const found = new Map<string, Tell>();
  for (const folder of [keys.results, keys.failures])
    for await (const { key } of store.list(`${folder}${prefix.slice(0, 2)}/`)) {
      const cellId = key.slice(key.lastIndexOf('/') + 1).replace('.json', '');
      if (cellId.startsWith(prefix)) found.set(cellId, () => storedStory(store, cellId));
    }
  return found;
}

/**
 * @param plans of the sweeps to look in; the store is searched when none of them knows the id
 * @param id a trial id, a cell id, or at least the first six digits of one
 * @throws InvalidInputError when it is not an id or is ambiguous; NotFoundError when nothing matches
 */
export async function findStory(
  plans: AsyncIterable<Plan> | Iterable<Plan>,
  store: ObjectStore,
  id: string,
): Promise<CellStory | TrialStory | StoredStory> {
  const prefix = id.toLowerCase();
  if (!prefixPattern.test(prefix)) throw new InvalidInputError(`${id}: expected at least six hex digits of a trial or cell id`);
  const found = new Map<string, Tell>();
  for await (const plan of plans)
    for (const [key, tell] of matchesInPlan(plan, store, prefix)) if (!found.has(key)) found.set(key, tell);
  const all = found.size > 0 ? found : await matchesInStore(store, prefix);
  // A complete id takes precedence over a longer one that begins with it.
  const tell = all.get(prefix) ?? (all.size === 1 ? [...all.values()][0] : undefined);
  if (tell !== undefined) return tell();
  if (all.size > 1) throw new InvalidInputError(`${id} may be ${[...all.keys()].slice(0, 5).join(', ')}: give more digits`);
  throw new NotFoundError(
    `${id}: no trial or cell with this id in ${store.location}; name the sweep's file with --file if it never ran`,
  );
}
