/** The controller's cluster, through client-node: it watches Sweeps, Jobs, pods and namespaces, and writes a few objects. */
import {
  BatchV1Api,
  CoreV1Api,
  CustomObjectsApi,
  PatchStrategy,
  setHeaderOptions,
  type KubeConfig,
  type V1Job,
  type V1Namespace,
  type V1Pod,
} from '@kubernetes/client-node';
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { DeviceWeights } from '../cluster/jobs/devices.ts';
import { labels } from '../cluster/jobs/pod.ts';
import type { Cluster, PodProblem } from '../cluster/cluster.ts';
import { podEnd, type PodEnd, type PodStatus } from '../cluster/jobs/pod-end.ts';
import type { ReportJob } from '../cluster/decide/report.ts';
import type { Wave } from '../cluster/jobs/pool-plan.ts';
import type { SweepResource } from '../cluster/decide/sweep-resource.ts';
import { gpusHeld, hasEnded, isWorker, lacksPods, reportJobOf, usageOf, waveOf } from './job-state.ts';
import { BySweep } from './by-sweep.ts';
import { Complaints } from './complaints.ts';
import { KindSource, kinds, statusOf, type Kind } from './kind-source.ts';
import { isBeingMade, latestPods, problemOfJob, problemOfPod } from './pod-problem.ts';
import { Reflector, type ReflectorOptions } from './reflector.ts';

const [notFound, conflict] = [404, 409];
const fieldManager = 'ncsweep-orchestrator';
const [group, version, plural] = ['ncsweep.dev', 'v1alpha1', 'sweeps'];

interface KubeClusterOptions extends Omit<ReflectorOptions, 'onChange'> {
  /** A watch that is silent for this long is restarted, ms; default: longer than a healthy API server is ever silent. */
  readonly watchSilenceMs?: number | undefined;
  /** How many GPUs a device counts as. */
  readonly weights: DeviceWeights;
}

export class KubeCluster implements Cluster {
  readonly #batch: BatchV1Api;
  readonly #core: CoreV1Api;
  readonly #custom: CustomObjectsApi;
  readonly #sweeps: Reflector<SweepResource>;
  readonly #jobs: Reflector<V1Job>;
  readonly #pods: Reflector<V1Pod>;
  /** undefined where only one namespace is managed: the orchestrator ends with it. */
  readonly #namespaces: Reflector<V1Namespace> | undefined;
  /** Jobs that were created and may not have appeared in the watch yet, by name. */
  readonly #made = new Map<string, V1Job>();
  readonly #complaints: Complaints;
  readonly #jobsBySweep = new BySweep(() => this.#allJobs());
  readonly #podsBySweep = new BySweep(() => this.#pods.items());
  readonly #weights: DeviceWeights;

  /** @param namespace undefined: all */
  constructor(config: KubeConfig, namespace: string | undefined, install: string, options: KubeClusterOptions) {
    this.#batch = config.makeApiClient(BatchV1Api);
    this.#core = config.makeApiClient(CoreV1Api);
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#complaints = new Complaints(this.#core, options.now);
    this.#weights = options.weights;
    const ours = `${labels.install}=${install}`;
    // The custom resource has fields that client-node does not know, so it is read as is.
    const sweeps = new KindSource(
      config,
      kinds.sweep,
      namespace,
      undefined,
      options.watchSilenceMs,
    ) as unknown as ConstructorParameters<typeof Reflector<SweepResource>>[0];
    const sourceOf = <T extends V1Job | V1Pod>(kind: Kind) =>
      new KindSource<T>(config, kind, namespace, ours, options.watchSilenceMs);
    const changing = (index: { changed(): void }) => ({ ...options, onChange: () => index.changed() });
    this.#sweeps = new Reflector(sweeps, { ...options, onChange: () => undefined });
    this.#jobs = new Reflector(sourceOf<V1Job>(kinds.job), changing(this.#jobsBySweep));
    this.#pods = new Reflector(sourceOf<V1Pod>(kinds.pod), changing(this.#podsBySweep));
    if (namespace !== undefined) return;
    const namespaces = new KindSource<V1Namespace>(config, kinds.namespace, undefined, undefined, options.watchSilenceMs);
    this.#namespaces = new Reflector(namespaces, { ...options, onChange: () => undefined });
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors().map((reflector) => reflector.run(signal)));
  }

  get synced(): boolean {
    return this.#reflectors().every(({ synced }) => synced);
  }

  #reflectors(): readonly Pick<Reflector<V1Pod>, 'run' | 'synced'>[] {
    const always = [this.#sweeps, this.#jobs, this.#pods];
    return this.#namespaces === undefined ? always : [...always, this.#namespaces];
  }

  isEnding(namespace: string): boolean {
    return this.#namespaces?.get(`/${namespace}`)?.metadata?.deletionTimestamp !== undefined;
  }

  sweeps(): readonly SweepResource[] {
    return [...this.#sweeps.items()];
  }

  sweep(namespace: string, name: string): SweepResource | undefined {
    return this.#sweeps.get(`${namespace}/${name}`);
  }

  waves(uid: string, taskClass: string): readonly Wave[] {
    const pods = this.#podsBySweep.of(uid);
    return this.#jobsBySweep
      .of(uid)
      .filter(({ metadata }) => metadata?.labels?.[labels.taskClass] === taskClass)
      .map((job) => waveOf(job, pods));
  }

  waveNames(uid: string): readonly string[] {
    const waves = this.#jobsBySweep.of(uid).filter(({ metadata }) => metadata?.labels?.[labels.wave] !== undefined);
    return waves.map(({ metadata }) => metadata?.name ?? '');
  }

  jobNames(uid: string): readonly string[] {
    return this.#jobsBySweep.of(uid).map(({ metadata }) => metadata?.name ?? '');
  }

  hasPods(uid: string): boolean {
    return !this.#podsBySweep.of(uid).every(hasEnded);
  }

  hasWorkers(uid: string): boolean {
    return this.#podsBySweep.of(uid).some((pod) => isWorker(pod) && !hasEnded(pod));
  }

  usage(namespace: string): { readonly pods: number; readonly gpus: number } {
    const isThere = ({ metadata }: V1Job | V1Pod): boolean => metadata?.namespace === namespace;
    return usageOf(this.#allJobs().filter(isThere), [...this.#pods.items()].filter(isThere), this.#weights);
  }

  gpusHeld(uid: string): number {
    return gpusHeld(this.#podsBySweep.of(uid), this.#weights);
  }

  reportJob(uid: string, key: string): ReportJob | undefined {
    const job = this.#jobsBySweep.of(uid).find(({ metadata }) => metadata?.labels?.[labels.report] === key);
    return job && reportJobOf(job, this.#podsBySweep.of(uid));
  }

  podEnds(uid: string): readonly PodEnd[] {
    return this.#podsBySweep
      .of(uid)
      .flatMap(({ metadata, status }) => podEnd(metadata?.uid ?? '', (status ?? {}) as PodStatus) ?? []);
  }

  async problem(uid: string, taskClass: string): Promise<PodProblem | undefined> {
    const isMine = ({ metadata }: V1Pod | V1Job): boolean => metadata?.labels?.[labels.taskClass] === taskClass;
    const pods = latestPods(this.#podsBySweep.of(uid).filter(isMine));
    const ofPods = pods.map(problemOfPod).find(Boolean);
    if (ofPods !== undefined) return ofPods;
    const jobs = this.#jobsBySweep.of(uid).filter(isMine);
    return (
      jobs.map(problemOfJob).find(Boolean) ??
      (await this.#complaints.aboutJob(jobs.find(lacksPods))) ??
      (await this.#complaints.aboutPod(pods.find(isBeingMade)))
    );
  }

  async createJob(manifest: Record<string, unknown>): Promise<void> {
    const body = manifest as unknown as V1Job;
    const namespace = body.metadata?.namespace ?? 'default';
    const key = `${namespace}/${body.metadata?.name ?? ''}`;
    // Recorded before the response, so that no other pass gives away what its pods will take.
    this.#made.set(key, body);
    this.#jobsBySweep.changed();
    try {
      const made = await this.#batch.createNamespacedJob({ namespace, body, fieldManager });
      if (this.#made.has(key)) this.#made.set(key, made);
    } catch (error) {
      this.#made.delete(key);
      if (statusOf(error) !== conflict) throw error;
    } finally {
      this.#jobsBySweep.changed();
    }
  }

  async deleteJob(namespace: string, name: string, outlivesPods = false): Promise<void> {
    const propagationPolicy = outlivesPods ? 'Foreground' : 'Background';
    try {
      await this.#batch.deleteNamespacedJob({ namespace, name, propagationPolicy });
      if (outlivesPods) return;
    } catch (error) {
      if (statusOf(error) !== notFound) throw error;
    }
    this.#made.delete(`${namespace}/${name}`);
    this.#complaints.forget(namespace, name);
    this.#jobsBySweep.changed();
  }

  async writeStatus({ metadata }: SweepResource, status: SweepStatus): Promise<void> {
    const { name, namespace } = metadata;
    // As a whole: a merge would keep what the status does not say any more.
    const body = [{ op: 'add', path: '/status', value: status }];
    try {
      await this.#custom.patchNamespacedCustomObjectStatus(
        { group, version, plural, namespace, name, body, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
      );
    } catch (error) {
      if (statusOf(error) !== notFound) throw error;
    }
  }

  async setFinalizers({ metadata }: SweepResource, finalizers: readonly string[]): Promise<boolean> {
    const { name, namespace, resourceVersion } = metadata;
    const body = { metadata: { finalizers, resourceVersion } };
    try {
      await this.#custom.patchNamespacedCustomObject(
        { group, version, plural, namespace, name, body, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
      return true;
    } catch (error) {
      if (![notFound, conflict].includes(statusOf(error) ?? 0)) throw error;
      return false;
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

  async tell(resource: SweepResource, type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> {
    const { name, namespace, uid } = resource.metadata;
    const now = new Date();
    const body = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: `${group}/${version}`, kind: 'Sweep', name, namespace, uid },
      type,
      reason,
      message: message.slice(0, 1000),
      source: { component: fieldManager },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await this.#core.createNamespacedEvent({ namespace, body }).catch(() => undefined);
  }

  /** All Jobs, including those that were just created. */
  #allJobs(): readonly V1Job[] {
    const seen = [...this.#jobs.items()];
    for (const { metadata } of seen) this.#made.delete(`${metadata?.namespace}/${metadata?.name}`);
    return [...seen, ...this.#made.values()];
  }
}
