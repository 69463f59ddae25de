/** Parked cells of a Sweep on a cluster. */
import { storeState } from '@ncsweep/orchestrator/engine/store/store-state';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { cellsWhere } from '@ncsweep/orchestrator/planning/plan/where';
import { keys } from '@ncsweep/protocol/keys';
import { sweepAnnotations } from '@ncsweep/protocol/status';
import { plannedSweep, type PlannedChoice } from './planned-sweep.ts';

export interface RetryOptions extends PlannedChoice {
  /** Only failures of these classes, such as `unknown`. Default: all. */
  readonly classes?: readonly string[] | undefined;
  /** Only cells with these values of their axes, each `axis=value[,value…]`. Default: all. */
  readonly where?: readonly string[] | undefined;
}

export interface Retried {
  /** The Sweep as the API server has it afterwards. */
  readonly resource: SweepResource;
  /** Number of cells tried again, and of those that were parked. */
  readonly again: number;
  readonly parked: number;
  /** Whether workers that never began to work are started again. */
  readonly restarts: boolean;
}

/** Its workers never began to work, and no more are started until requested. */
const hasGivenUp = ({ status }: SweepResource): boolean =>
  status?.conditions?.some(
    ({ type, status: truth, reason }) => type === 'Failed' && truth === 'True' && reason === 'WorkersCrashing',
  ) === true;

/**
 * Tries the parked cells of a Sweep again, even when it has ended. If the Sweep failed because its workers never began to work, it starts
 * workers again.
 * @throws NotFoundError, InvalidInputError, StoreUnavailableError, UnreachableError
 * @example
 * ```ts no-run
 * import { retryParked } from 'ncsweep';
 *
 * const { again, parked } = await retryParked('quickstart', { classes: ['unknown'], where: ['training=AT'] });
 * console.log(`${again} of ${parked} parked cells will be retried`);
 * ```
 */
export async function retryParked(name: string, options: RetryOptions = {}): Promise<Retried> {
  const { classes = [], where = [], ...choice } = options;
  const { client, resource, store, plan } = await plannedSweep(name, choice, 'write', 'nothing is parked');
  const meant = new Set(cellsWhere(plan, where).map(({ cellId }) => cellId));
  const { parked } = await storeState(plan, store);
  const isOfClass = (why: string): boolean => classes.length === 0 || classes.some((each) => why.startsWith(`${each}:`));
  const again = [...parked].filter(([cellId, why]) => meant.has(cellId) && isOfClass(why));
  for (const [cellId] of again) await store.delete(keys.failure(cellId));
  const annotations = { [sweepAnnotations.retry]: new Date().toISOString() };
  const changed =
    again.length === 0 && !hasGivenUp(resource) ? resource : await client.change(name, { metadata: { annotations } });
  return { resource: changed, again: again.length, parked: parked.size, restarts: hasGivenUp(resource) };
}
