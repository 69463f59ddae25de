/** From a Sweep resource to its plan, or to the message that the command line would print. Pure. */
import type { BackendName } from '@ncsweep/catalog/backends';
import { pluginsProblem, pluginsRemedy } from '@ncsweep/catalog/plugins/plugin-backends';
import type { Sweep } from '@ncsweep/catalog/sweep';
import { type PushedData, pushedProblem, sizeProblem } from '../../planning/spec/pushed-data.ts';
import { datasetVolumes } from '../jobs/dataset-volumes.ts';
import { nothingKnown, unresolvedDigest } from '../../planning/spec/resolve-axes.ts';
import { InvalidSweepError } from '../../planning/spec/problem.ts';
import { namedPlugins, type ReadSweep, readSweep } from '../../planning/spec/read-sweep.ts';
import { storedPlugins } from '../../planning/spec/stored-plugins.ts';
import { countPlan, type PlanCounts } from '../../planning/plan/count-plan.ts';
import { planSweep, PlanTooLargeError, type Plan, type RunnablePlan } from '../../planning/plan/plan.ts';

export interface Admitted {
  readonly kind: 'admitted';
  readonly plan: RunnablePlan;
}

/** The size of a suspended Sweep, whose cells nobody needs yet. */
export interface Counted {
  readonly kind: 'counted';
  readonly counts: PlanCounts;
  readonly backend: BackendName;
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason:
    | 'InvalidSpec'
    | 'DatasetUnresolved'
    | 'PluginUnresolved'
    | 'PlanTooLarge'
    | 'ScienceChanged'
    | 'StoreNotAllowed'
    | 'PodNotAllowed';
  readonly message: string;
  /** For `ScienceChanged`: the versions that a person may adopt. */
  readonly offered?: Readonly<Record<string, number>>;
}

/** Whether the install forbids the Sweep: no part of it may run. */
export const isForbidden = (admission: Admission | undefined): boolean =>
  admission?.kind === 'refused' && (admission.reason === 'StoreNotAllowed' || admission.reason === 'PodNotAllowed');

/** The Sweep is valid, but the orchestrator already holds as many cells of other Sweeps as it can. */
export interface Waiting {
  readonly kind: 'waiting';
  readonly message: string;
}

export type Admission = Admitted | Counted | Waiting | Refused;

/** What an install adds to the spec. */
export interface AdmissionRules {
  /** What `auto` means on this cluster. */
  readonly backend: BackendName;
  /** A plan of more cells is refused, since the orchestrator keeps every cell in memory. */
  readonly mostCells: number;
}

interface Judged {
  readonly metadata: { readonly name: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Plans a spec. @param data what the store says about `storeNeeds` */
export const admit = (
  resource: Judged,
  data: PushedData,
  rules: AdmissionRules,
): { readonly kind: 'admitted'; readonly plan: Plan } | Refused =>
  judge(resource, data, rules, (sweep) => ({
    kind: 'admitted',
    plan: planSweep(sweep, ...numericsOf(sweep, rules), rules.mostCells),
  }));

/** Only reports how large the plan would be. @param data as above */
export const count = (resource: Judged, data: PushedData, rules: AdmissionRules): Counted | Refused =>
  judge(resource, data, rules, (sweep) => {
    const [backend] = numericsOf(sweep, rules);
    return { kind: 'counted', counts: countPlan(sweep, rules.mostCells), backend };
  });

function numericsOf({ execution }: Sweep, rules: AdmissionRules): [backend: BackendName, batchSize: number] {
  const { backend, evaluationBatchSize } = execution;
  return [backend === 'auto' ? rules.backend : backend, evaluationBatchSize];
}

function judge<T>({ metadata, spec }: Judged, data: PushedData, rules: AdmissionRules, use: (sweep: Sweep) => T): T | Refused {
  const document = { apiVersion: 'ncsweep.dev/v1alpha1', kind: 'Sweep', metadata: { name: metadata.name }, spec: unscaled(spec) };
  try {
    const text = { bytes: new TextEncoder().encode(JSON.stringify(document)), file: metadata.name, set: [] };
    const { plugins, problem } = storedPlugins(namedPlugins(text), data.archives, data.location);
    if (problem !== undefined) return { kind: 'refused', reason: 'PluginUnresolved', message: problem };
    const byName = new Map([...data.names].map(([name, { digest }]) => [name, digest]));
    const read = readSweep(text, { ...nothingKnown, byName, found: data.found, plugins });
    const unresolved = unresolvedData(read, data);
    if (unresolved !== undefined) return { kind: 'refused', reason: 'DatasetUnresolved', message: unresolved };
    const unable = unableBackend(read.sweep, rules);
    if (unable !== undefined) return { kind: 'refused', reason: 'InvalidSpec', message: unable };
    const found = data.found.size === 0 ? {} : { found: Object.fromEntries(data.found) };
    return use({ ...read.sweep, sources: datasetVolumes(read.stored).sources, ...found });
  } catch (error) {
    if (error instanceof PlanTooLargeError) return { kind: 'refused', reason: 'PlanTooLarge', message: error.message };
    if (!(error instanceof InvalidSweepError)) throw error;
    // A resource has no line numbers.
    const problems = error.problems.map((each) => ({ ...each, origin: metadata.name, line: undefined, column: undefined }));
    return { kind: 'refused', reason: 'InvalidSpec', message: new InvalidSweepError(metadata.name, problems).message };
  }
}

/** Names a backend that cannot run the sweep's plug-ins, and what to do about it. */
function unableBackend(sweep: Sweep, rules: AdmissionRules): string | undefined {
  const [backend] = numericsOf(sweep, rules);
  const problem = pluginsProblem(sweep, backend);
  const why = sweep.execution.backend === 'auto' ? ', which auto means on this cluster' : '';
  return problem && `execution.backend: ${backend}${why}: ${problem}. Remedy: ${pluginsRemedy(sweep)}`;
}

/** A Sweep that is scaled to zero is suspended, but its spec is as valid as one with workers. */
function unscaled(spec: Judged['spec']): Judged['spec'] {
  const execution = spec['execution'] as { readonly parallelism?: number } | undefined;
  return execution?.parallelism === 0 ? { ...spec, execution: { ...execution, parallelism: 1 } } : spec;
}

/** Names data that cannot reach a pod, and what to do about it. */
function unresolvedData({ sweep, files, stored }: ReadSweep, data: PushedData): string | undefined {
  const push = 'ncsweep dataset push NAME FOLDER --store …';
  const local = files.find((file) => file.kind === 'weights' || (file.stated === undefined && file.pushed === undefined));
  if (local !== undefined) {
    const remedy =
      local.kind === 'weights'
        ? 'train on the cluster, or run the sweep on the machine that has them'
        : `${push}, and write "pushed: NAME" beside it`;
    return `${local.kind === 'weights' ? 'weights' : local.dataset}: ${local.path} is a path on your machine. Remedy: ${remedy}`;
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
  return unnamed && `dataset ${unnamed.name}: its files are not known. Remedy: ${push}, and write "pushed: NAME"`;
}
