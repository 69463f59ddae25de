/** New science for a Sweep that was planned under an earlier version of the install. */
import { versionsOfSweep, versionsText } from '@ncsweep/catalog/sweep-versions';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import { timesState } from '@ncsweep/orchestrator/engine/store/store-state';
import { estimate } from '@ncsweep/orchestrator/planning/plan/estimate';
import { InvalidInputError } from '@ncsweep/protocol/errors';
import { sweepAnnotations } from '@ncsweep/protocol/status';
import { plannedSweep, type PlannedChoice } from './planned-sweep.ts';

export interface AdoptOptions extends PlannedChoice {
  /** Only reports the cost. Default: false. */
  readonly dryRun?: boolean | undefined;
}

export interface Adopted {
  /** The Sweep as the API server has it afterwards. */
  readonly resource: SweepResource;
  /** New versions in the install, by what they name; empty when it computes as the Sweep was planned. */
  readonly offered: Readonly<Record<string, number>>;
  /** Number of cells in the new plan, and of those missing from the store. */
  readonly cells: number;
  readonly anew: number;
  /** Estimated time to compute them with the Sweep's parallelism. */
  readonly seconds: number;
}

/**
 * Continues a Sweep under the science of an upgraded install. What the new versions change is recomputed.
 * @throws NotFoundError, InvalidInputError (this program's version differs from the install's), StoreUnavailableError, UnreachableError
 * @example
 * ```ts no-run
 * import { adoptScience } from 'ncsweep';
 *
 * const { offered, anew, cells } = await adoptScience('quickstart', { dryRun: true });
 * console.log(offered, `${anew} of ${cells} cells would be recomputed`);
 * ```
 */
export async function adoptScience(name: string, { dryRun = false, ...choice }: AdoptOptions = {}): Promise<Adopted> {
  const { client, resource, store, plan } = await plannedSweep(name, choice, 'read', 'there is no science to adopt');
  const offered = resource.status?.scienceOffered ?? {};
  const ours = versionsOfSweep(plan.sweep);
  const other = Object.entries(offered).find(([of, version]) => ours[of] !== version);
  if (other !== undefined) {
    const [of, version] = other;
    throw new InvalidInputError(
      `the install computes ${of} ${version}, and this program ${of} ${ours[of] ?? 'none'}. Remedy: use the ncsweep of the install's version`,
    );
  }
  const { done } = await timesState(plan, store);
  const { seconds } = estimate(plan, done, (cellId) => !done.has(cellId));
  const cost = { offered, cells: plan.cells.size, anew: plan.cells.size - done.size, seconds };
  if (dryRun || Object.keys(offered).length === 0) return { resource, ...cost };
  const annotations = { [sweepAnnotations.science]: versionsText(offered) };
  return { resource: await client.change(name, { metadata: { annotations } }), ...cost };
}
