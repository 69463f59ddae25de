/**
 * A Sweep is held to the science under which it was first planned (`status.scienceVersions`), so that an upgrade of the install
 * never mixes numbers of two versions in one table, and never recomputes everything unasked. A person adopts the new versions by
 * naming them. Pure.
 */
import { changedVersions, changesText, type VersionChange, versionsOfSweep, versionsText } from '@ncsweep/catalog/sweep-versions';
import { sweepAnnotations, type SweepStatus } from '@ncsweep/protocol/status';
import type { Admission } from './admit.ts';
import type { SweepResource } from './sweep-resource.ts';

/** The versions that a person last adopted. */
export const adoptedScience = ({ metadata }: SweepResource): string => metadata.annotations?.[sweepAnnotations.science] ?? '';

/** The Sweep as it may be run: held if this install computes differently than it was planned, and nobody has adopted the change. */
export function heldToScience(resource: SweepResource, admission: Admission): Admission {
  if (admission.kind !== 'admitted') return admission;
  const { status } = resource;
  const changes = changedVersions(status?.scienceVersions ?? {}, versionsOfSweep(admission.plan.sweep));
  const offered = Object.fromEntries(changes.map(({ name, now }) => [name, now]));
  if (changes.length === 0 || adoptedScience(resource) === versionsText(offered)) return admission;
  return { kind: 'refused', reason: 'ScienceChanged', message: held(resource, changes, versionsText(offered)), offered };
}

function held({ metadata, status }: SweepResource, changes: readonly VersionChange[], adopted: string): string {
  const { name, namespace } = metadata;
  const said = changesText(changes, 'this install');
  const done = status?.trials === undefined ? '' : `; ${status.trials} trials are done`;
  const annotate = `kubectl annotate sweep ${name} -n ${namespace} --overwrite ${sweepAnnotations.science}='${adopted}'`;
  return (
    `planned under ${said}: numbers of both do not belong in one table${done}. Remedy: ncsweep adopt ${name}, or ${annotate}: ` +
    'what the new versions change is recomputed, and earlier results stay in the store; or go back to the version of the install that planned it'
  );
}

/** What the status says about it: the versions in force, and those waiting to be adopted. */
export function scienceFacts(
  { status }: SweepResource,
  admission: Admission | undefined,
): Pick<SweepStatus, 'scienceVersions' | 'scienceOffered'> {
  if (admission?.kind === 'admitted') return { scienceVersions: { ...versionsOfSweep(admission.plan.sweep) } };
  const pinned = status?.scienceVersions === undefined ? {} : { scienceVersions: status.scienceVersions };
  if (admission?.kind !== 'refused' || admission.offered === undefined) return pinned;
  return { ...pinned, scienceOffered: admission.offered };
}
