/** From a Sweep resource to its plan, or to the words that the command line would say. Pure. */
import type { BackendName } from '@ncsweep/protocol/params';
import { unresolvedDigest } from '../spec/resolve-axes.ts';
import { InvalidSweepError } from '../spec/problem.ts';
import { readSweep } from '../spec/read-sweep.ts';
import { planSweep, type Plan } from '../plan/plan.ts';
import { trials } from '../plan/trials.ts';
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

/** @param installBackend what `auto` means on this cluster */
export function admit({ metadata, spec }: SweepResource, installBackend: BackendName): Admission {
  const document = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name: metadata.name }, spec };
  try {
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    const { sweep, files } = readSweep({ bytes, file: metadata.name, set: [] });
    const unknown = files.find((each) => each.stated === undefined);
    if (unknown !== undefined) {
      const remedy = 'give its "digest" (`ncsweep dataset digest`), and bring the files into the store';
      const message = `${unknown.dataset ?? 'weights'}: ${unknown.path} is a path of your machine. Remedy: ${remedy}`;
      return { kind: 'refused', reason: 'DatasetUnresolved', message };
    }
    const unnamed = sweep.datasets.find(({ params }) => params.digest === unresolvedDigest(params.name));
    if (unnamed !== undefined) {
      const message = `dataset ${unnamed.name}: which files is not known. Remedy: give its "digest" (\`ncsweep dataset digest\`)`;
      return { kind: 'refused', reason: 'DatasetUnresolved', message };
    }
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

function countTrials({ sweep, cellAt }: Plan): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { place } of trials(sweep, () => undefined)) {
    const cellId = cellAt.get(place.key) ?? '';
    counts.set(cellId, (counts.get(cellId) ?? 0) + 1);
  }
  return counts;
}
