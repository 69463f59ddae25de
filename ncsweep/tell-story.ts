/** Everything known about one trial or cell. */
import { knownPlans } from '@ncsweep/orchestrator/engine/store/roots';
import { findStory } from '@ncsweep/orchestrator/engine/story/find-id';
import type { CellStory, StoredStory, TrialStory } from '@ncsweep/orchestrator/engine/story/story';
import { planSweep, type Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import { openStore } from '@ncsweep/protocol/store/open-store';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { backendFor } from './backend-for.ts';
import { thisMachine, type Machine } from './machine.ts';

/** The story of a trial, of a cell of a known sweep, or of a cell that only the store knows. */
export type Story = TrialStory | CellStory | StoredStory;

export interface StoryOptions {
  /** Where results are: a directory or s3://bucket/prefix. Default: the machine's. */
  readonly store?: string | undefined;
  /** Sweep to search first, whether or not it ran; then all sweeps that were run with the store. */
  readonly sweep?: Sweep | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default: this machine, with the environment of the process. */
  readonly machine?: Machine | undefined;
}

/**
 * Returns parameters, inputs, attempts, artifacts, failure and metrics.
 * @param id a trial id, a cell id, or at least the first six digits of one
 * @throws InvalidInputError when it is not an id or matches several; NotFoundError when it matches none; StoreUnavailableError
 * @example
 * ```ts
 * import { readReport, tellStory } from 'ncsweep';
 *
 * const [trial] = (await readReport('tiny')).tables.trials;
 * const story = await tellStory(trial!.trialId);
 * if ('trialId' in story) console.log(story.cell.label, story.cell.state, story.metrics.length);
 * ```
 */
export async function tellStory(id: string, options: StoryOptions = {}): Promise<Story> {
  const { sweep, signal, machine = thisMachine() } = options;
  signal?.throwIfAborted();
  const store = await openStore(options.store ?? machine.defaultStore, 'read');
  async function* plans(): AsyncGenerator<Plan> {
    if (sweep !== undefined) yield await planOf(sweep, machine);
    for await (const plan of knownPlans(store)) {
      signal?.throwIfAborted();
      yield plan;
    }
  }
  return findStory(plans(), store, id);
}

async function planOf(sweep: Sweep, machine: Machine): Promise<Plan> {
  const { backend, evaluationBatchSize } = sweep.execution;
  return planSweep(sweep, await backendFor(sweep, backend, machine), evaluationBatchSize);
}
