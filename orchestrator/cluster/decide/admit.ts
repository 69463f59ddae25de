/** From a Sweep resource to its plan, or to the words that the command line would say. Pure. */
import type { BackendName } from '@ncsweep/catalog/backends';
import { type DataReference, type PushedData, pushedProblem, sizeProblem } from '../../planning/spec/pushed-data.ts';
import { datasetVolumes } from '../jobs/dataset-volumes.ts';
import { unresolvedDigest } from '../../planning/spec/resolve-axes.ts';
import { InvalidSweepError } from '../../planning/spec/problem.ts';
import { type ReadSweep, readSweep } from '../../planning/spec/read-sweep.ts';
import { planSweep, type Plan } from '../../planning/plan/plan.ts';
import { trials } from '../../planning/plan/trials.ts';
import type { SweepResource } from './sweep-resource.ts';

export type Admission =
  | {
      readonly kind: 'admitted';
      readonly plan: Plan;
      /** Rows of results that each cell stands for. */
      readonly trialsOf: ReadonlyMap<string, number>;
    }
  | { readonly kind: 'refused'; readonly reason: 'InvalidSpec' | 'DatasetUnresolved' | 'PlanTooLarge'; readonly message: string };

/** A plan of more cells is refused: one orchestrator keeps every cell's id in memory. */
const mostCells = 1_000_000;

/** Datasets of a Sweep whose files are looked for in the store. */
export const dataReferences = ({ spec }: SweepResource): readonly DataReference[] =>
  (spec.dataset ?? []).flatMap(({ name, pushed, digest, volume }) =>
    pushed !== undefined || (digest !== undefined && volume === undefined) ? [{ dataset: name, pushed, digest }] : [],
  );

/**
 * @param installBackend what `auto` means on this cluster
 * @param data what the store says about `dataReferences`
 */
export function admit({ metadata, spec }: SweepResource, installBackend: BackendName, data: PushedData): Admission {
  const document = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name: metadata.name }, spec };
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    const byName = new Map([...data.names].map(([name, { digest }]) => [name, digest]));
    const read = readSweep({ bytes, file: metadata.name, set: [] }, { byPath: new Map(), byName, found: data.found });
    const unresolved = unresolvedData(read, data);
    if (unresolved !== undefined) return { kind: 'refused', reason: 'DatasetUnresolved', message: unresolved };
    const found = data.found.size === 0 ? {} : { found: Object.fromEntries(data.found) };
    const sweep = { ...read.sweep, sources: datasetVolumes(read.stored).sources, ...found };
    const { backend, evaluationBatchSize } = sweep.execution;
    const plan = planSweep(sweep, backend === 'auto' ? installBackend : backend, evaluationBatchSize);
    if (plan.cells.size > mostCells) {
      const message = `${plan.cells.size} cells, at most ${mostCells} fit into one sweep. Remedy: split it by seed or architecture`;
      return { kind: 'refused', reason: 'PlanTooLarge', message };
    }
    return { kind: 'admitted', plan, trialsOf: countTrials(plan) };
  } catch (error) {
    if (!(error instanceof InvalidSweepError)) throw error;
    // A resource has no lines.
    const problems = error.problems.map((each) => ({ ...each, origin: metadata.name, line: undefined, column: undefined }));
    return { kind: 'refused', reason: 'InvalidSpec', message: new InvalidSweepError(metadata.name, problems).message };
  }
}

/** Which data nobody can bring to a pod, and what to do about it. */
function unresolvedData({ sweep, files, stored }: ReadSweep, data: PushedData): string | undefined {
  const push = 'ncsweep dataset push NAME FOLDER --store …';
  const local = files.find(({ stated, pushed }) => stated === undefined && pushed === undefined);
  if (local !== undefined) {
    const remedy =
      local.kind === 'weights' ? 'train here, or run the sweep where they lie' : `${push}, and write "pushed: NAME" beside it`;
    return `${local.dataset ?? 'weights'}: ${local.path} is a path of your machine. Remedy: ${remedy}`;
  }
  for (const reference of stored) {
    const problem = pushedProblem(reference, data);
    const { dataset, pushed = '', digest, volume } = reference;
    if (problem !== undefined)
      return `dataset ${dataset}: pushed: ${pushed}: expected ${problem.expected}. Remedy: ${problem.remedy}`;
    if (digest !== undefined && volume === undefined && !data.digests.has(digest))
      return `dataset ${dataset}: ${data.location} has no data with digest ${digest}. Remedy: ${push}, or name its "volume"`;
    const size = sizeProblem(reference, data);
    if (size !== undefined) return `dataset ${dataset}: expected ${size.expected}. Remedy: ${size.remedy}`;
  }
  const unnamed = sweep.datasets.find(({ params }) => params.digest === unresolvedDigest(params.name));
  return unnamed && `dataset ${unnamed.name}: which files is not known. Remedy: ${push}, and write "pushed: NAME"`;
}

function countTrials({ sweep, cellAt }: Plan): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { place } of trials(sweep, () => undefined)) {
    const cellId = cellAt.get(place.key) ?? '';
    counts.set(cellId, (counts.get(cellId) ?? 0) + 1);
  }
  return counts;
}
