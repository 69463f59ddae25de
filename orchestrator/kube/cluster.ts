/** What the controller sees and does in a cluster, by client-node: Sweeps, and the Jobs and pods made for them. */
import {
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
  type KubeConfig,
  type V1ContainerState,
  type V1Job,
  type V1JobStatus,
  type V1Pod,
} from '@kubernetes/client-node';
import type { SweepStatus } from '@ncsweep/protocol/status';
import { labels } from '../jobs/pod.ts';
import { podEnd, type PodEnd, type PodStatus } from '../jobs/pod-end.ts';
import { annotations } from '../jobs/wave-job.ts';
import type { ReportJob } from '../reconcile/report.ts';
import type { Wave } from '../jobs/pool-plan.ts';
import type { SweepResource } from '../reconcile/sweep-resource.ts';
import { KindSource, kinds, statusOf } from './kind-source.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const [notFound, conflict] = [404, 409];
const fieldManager = 'ncsweep-orchestrator';
const [group, version, plural] = ['ncsweep.dev', 'v1alpha1', 'sweeps'];

export interface PodProblem {
  readonly reason: 'Unschedulable' | 'ImagePullFailed' | 'WorkersCrashing' | 'QuotaExceeded' | 'WaitingForQuota';
  readonly message: string;
}

export class Cluster {
  readonly #batch: BatchV1Api;
  readonly #core: CoreV1Api;
  readonly #custom: CustomObjectsApi;
  readonly #sweeps: Reflector<SweepResource>;
  readonly #jobs: Reflector<V1Job>;
  readonly #pods: Reflector<V1Pod>;
  /** Names of Jobs that were made and may not have come back by the watch yet. */
  readonly #made = new Map<string, V1Job>();
  readonly #refusals = new Map<string, { readonly askedMs: number; readonly problem: PodProblem | undefined }>();
  readonly #now: () => number;

  /** @param namespace undefined: all */
  constructor(config: KubeConfig, namespace: string | undefined, install: string, options: ReflectorOptions) {
    this.#batch = config.makeApiClient(BatchV1Api);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#now = options.now;
    const ours = `${labels.install}=${install}`;
    // The custom resource has fields that client-node does not know: it is read as it is.
    const sweeps = new KindSource(config, kinds.sweep, namespace) as unknown as ConstructorParameters<
      typeof Reflector<SweepResource>
    >[0];
    this.#sweeps = new Reflector(sweeps, options);
    this.#jobs = new Reflector(new KindSource<V1Job>(config, kinds.job, namespace, ours), options);
    this.#pods = new Reflector(new KindSource<V1Pod>(config, kinds.pod, namespace, ours), options);
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#sweeps, this.#jobs, this.#pods].map((reflector) => reflector.run(signal)));
  }

  get synced(): boolean {
    return this.#sweeps.synced && this.#jobs.synced && this.#pods.synced;
  }

  /** Time since the API server last said anything. */
  get staleMs(): number {
    return Math.max(this.#sweeps.staleMs(), this.#jobs.staleMs(), this.#pods.staleMs());
  }

  sweeps(): readonly SweepResource[] {
    return [...this.#sweeps.items()];
  }

  waves(uid: string, taskClass: string): readonly Wave[] {
    return this.#jobsOf(uid)
      .filter(({ metadata }) => metadata?.labels?.[labels.taskClass] === taskClass)
      .map(waveOf);
  }

  waveNames(uid: string): readonly string[] {
    const waves = this.#jobsOf(uid).filter(({ metadata }) => metadata?.labels?.[labels.wave] !== undefined);
    return waves.map(({ metadata }) => metadata?.name ?? '');
  }

  reportJob(uid: string, key: string): ReportJob | undefined {
    const job = this.#jobsOf(uid).find(({ metadata }) => metadata?.labels?.[labels.report] === key);
    return job && reportJobOf(job, [...this.#pods.items()]);
  }

  /** Pods of a sweep that ended in a way that their attempt should know of. */
  podEnds(uid: string): readonly PodEnd[] {
    const pods = [...this.#pods.items()].filter(({ metadata }) => metadata?.labels?.[labels.sweep] === uid);
    return pods.flatMap(({ metadata, status }) => podEnd(metadata?.uid ?? '', (status ?? {}) as PodStatus) ?? []);
  }

  /** The first trouble of a class's pods, in the cluster's own words. */
  async problem(uid: string, taskClass: string): Promise<PodProblem | undefined> {
    const isMine = ({ metadata }: V1Pod | V1Job): boolean =>
      metadata?.labels?.[labels.sweep] === uid && metadata.labels[labels.taskClass] === taskClass;
    const ofPods = [...this.#pods.items()].filter(isMine).map(problemOfPod).find(Boolean);
    if (ofPods !== undefined) return ofPods;
    const jobs = this.#jobsOf(uid).filter(isMine);
    return jobs.map(problemOfJob).find(Boolean) ?? (await this.#refusal(jobs.find(lacksPods)));
  }

  /** A Job that is there already is as good. */
  async createJob(manifest: Record<string, unknown>): Promise<void> {
    const body = manifest as unknown as V1Job;
    const namespace = body.metadata?.namespace ?? 'default';
    try {
      this.#made.set(
        `${namespace}/${body.metadata?.name ?? ''}`,
        await this.#batch.createNamespacedJob({ namespace, body, fieldManager }),
      );
    } catch (error) {
      if (statusOf(error) !== conflict) throw error;
    }
  }

  /** Its pods get SIGTERM and their grace. */
  async deleteJob(namespace: string, name: string): Promise<void> {
    try {
      await this.#batch.deleteNamespacedJob({ namespace, name, propagationPolicy: 'Background' });
      this.#made.delete(`${namespace}/${name}`);
    } catch (error) {
      if (statusOf(error) !== notFound) throw error;
    }
  }

  async writeStatus({ metadata }: SweepResource, status: SweepStatus): Promise<void> {
    const { name, namespace } = metadata;
    try {
      await this.#custom.patchNamespacedCustomObjectStatus(
        { group, version, plural, namespace, name, body: { status }, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
    } catch (error) {
      if (statusOf(error) !== notFound) throw error;
    }
  }

  async deleteSweep({ metadata }: SweepResource): Promise<void> {
    const { name, namespace } = metadata;
    try {
      await this.#custom.deleteNamespacedCustomObject({ group, version, plural, namespace, name });
    } catch (error) {
      if (statusOf(error) !== notFound) throw error;
    }
  }

  /** For `kubectl describe`; a lost one does no harm. */
  async tell(resource: SweepResource, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { name, namespace, uid } = resource.metadata;
    const now = new Date();
    const body = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: `${group}/${version}`, kind: 'Sweep', name, namespace, uid },
      ...{ type, reason, message: message.slice(0, 1000), source: { component: fieldManager } },
      ...{ firstTimestamp: now, lastTimestamp: now, count: 1 },
    };
    await this.#core.createNamespacedEvent({ namespace, body }).catch(() => undefined);
  }

  #jobsOf(uid: string): readonly V1Job[] {
    const seen = [...this.#jobs.items()].filter(({ metadata }) => metadata?.labels?.[labels.sweep] === uid);
    const names = new Set(seen.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`));
    for (const name of names) this.#made.delete(name);
    return [...seen, ...[...this.#made.values()].filter(({ metadata }) => metadata?.labels?.[labels.sweep] === uid)];
  }

  /** Why pods of a Job were not made: only its events tell. */
  async #refusal(job: V1Job | undefined): Promise<PodProblem | undefined> {
    const { namespace = '', name = '' } = job?.metadata ?? {};
    if (job === undefined) return undefined;
    const known = this.#refusals.get(`${namespace}/${name}`);
    if (known !== undefined && this.#now() - known.askedMs < askAgainMs) return known.problem;
    const fieldSelector = `involvedObject.kind=Job,involvedObject.name=${name},reason=FailedCreate`;
    const { items } = await this.#core.listNamespacedEvent({ namespace, fieldSelector });
    const message = items.at(-1)?.message;
    const reason = /exceeded quota/.test(message ?? '') ? 'QuotaExceeded' : 'Unschedulable';
    const problem = message === undefined ? undefined : ({ reason, message: `Job ${name}: ${message}` } as const);
    this.#refusals.set(`${namespace}/${name}`, { askedMs: this.#now(), problem });
    return problem;
  }
}

/** How often the events of a Job without pods are asked for. */
const askAgainMs = 5_000;

function lacksPods({ spec, status = {} }: V1Job): boolean {
  const { active = 0, succeeded = 0, failed = 0 } = status;
  return !isOver(status) && active + succeeded + failed < (spec?.parallelism ?? 0);
}

function problemOfJob({ metadata, spec, status }: V1Job): PodProblem | undefined {
  const name = metadata?.name ?? '';
  if (spec?.suspend === true) return { reason: 'WaitingForQuota', message: `Job ${name} waits for its queue to admit it` };
  const failed = status?.conditions?.find(({ type, status: truth }) => type === 'Failed' && truth === 'True');
  return failed && { reason: 'WorkersCrashing', message: `Job ${name}: ${failed.message ?? failed.reason ?? 'failed'}` };
}

const isOver = ({ conditions = [] }: V1JobStatus): boolean =>
  conditions.some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');

function waveOf({ metadata = {}, spec, status = {} }: V1Job): Wave {
  const { name = '', annotations: notes = {}, creationTimestamp, deletionTimestamp } = metadata;
  return {
    ...{ name, size: spec?.completions ?? 0, finished: isOver(status) || deletionTimestamp !== undefined },
    index: Number(/-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? 0),
    ended: (status.succeeded ?? 0) + indexCount(status.failedIndexes),
    template: notes[annotations.template] ?? '',
    memoryStep: Number(notes[annotations.memoryStep] ?? 0),
    createdMs: timeOf(creationTimestamp),
  };
}

/** @param pods among which the Job's are: what the last one said is the reason of its failure */
function reportJobOf({ metadata, status = {} }: V1Job, pods: readonly V1Pod[]): ReportJob {
  const ended = status.conditions?.find(
    ({ type, status: truth }) => (type === 'Complete' || type === 'Failed') && truth === 'True',
  );
  if (ended === undefined) return { state: 'running', message: '' };
  if (ended.type === 'Complete') return { state: 'written', message: '' };
  const mine = pods.filter((pod) => pod.metadata?.labels?.['batch.kubernetes.io/job-name'] === metadata?.name);
  const said = mine.map((pod) => pod.status?.containerStatuses?.[0]?.state?.terminated?.message).find(Boolean);
  return { state: 'failed', message: (said ?? ended.message ?? ended.reason ?? '').trim() };
}

/** A list gives dates, a watch gives text, whatever the type says. */
const timeOf = (time: Date | string | undefined): number => (time === undefined ? 0 : new Date(time).getTime());

/** "1,3-5" → 4 */
const indexCount = (text = ''): number =>
  text
    .split(',')
    .filter(Boolean)
    .reduce((sum, range) => {
      const [from = 0, to = from] = range.split('-').map(Number);
      return sum + to - from + 1;
    }, 0);

function problemOfPod({ metadata, status }: V1Pod): PodProblem | undefined {
  const pod = `pod ${metadata?.name ?? ''}`;
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled?.reason === 'Unschedulable') return { reason: 'Unschedulable', message: `${pod}: ${scheduled.message ?? ''}` };
  return status?.containerStatuses?.map(({ state }) => problemOfContainer(pod, state)).find((problem) => problem !== undefined);
}

function problemOfContainer(pod: string, state: V1ContainerState | undefined): PodProblem | undefined {
  const { waiting, terminated } = state ?? {};
  if (waiting !== undefined && /^(ErrImage|ImagePull|InvalidImage)/.test(waiting.reason ?? ''))
    return { reason: 'ImagePullFailed', message: `${pod}: ${waiting.reason}: ${waiting.message ?? ''}` };
  if (terminated !== undefined && ![0, 75].includes(terminated.exitCode))
    return { reason: 'WorkersCrashing', message: `${pod} ended with ${terminated.exitCode} ${terminated.message ?? ''}`.trim() };
  return undefined;
}
