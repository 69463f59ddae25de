/** A person's access to the Sweeps of a cluster, by the kubeconfig as kubectl reads it. */
import { CoreV1Api, CustomObjectsApi, type KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { InvalidInputError, NotFoundError, UnreachableError } from '@ncsweep/protocol/errors';
import type { SweepDocument } from '@ncsweep/catalog/language/spec';
import { labels } from '../cluster/jobs/pod.ts';
import { chosenConfig, wordsOf, type ClusterChoice } from './kube-config.ts';
import type { SweepResource } from '../cluster/decide/sweep-resource.ts';
import { closestName } from '../planning/spec/closest-name.ts';
import { statusOf } from './kind-source.ts';
import { problemOfPod } from './pod-problem.ts';

export interface SweepPod {
  readonly name: string;
  readonly phase: string;
  /** Why it does not run, in the cluster's words; undefined if it is running or has no problem. */
  readonly problem: string | undefined;
}

const [group, version, plural] = ['ncsweep.dev', 'v1alpha1', 'sweeps'];
const fieldManager = 'ncsweep';
const [badRequest, unauthorized, forbidden, notFound, invalid] = [400, 401, 403, 404, 422];

export class SweepClient {
  readonly namespace: string;
  readonly #server: string;
  readonly #custom: CustomObjectsApi;
  readonly #core: CoreV1Api;

  private constructor(config: KubeConfig, namespace: string) {
    this.namespace = namespace;
    this.#server = config.getCurrentCluster()?.server ?? 'no cluster';
    this.#custom = config.makeApiClient(CustomObjectsApi);
    this.#core = config.makeApiClient(CoreV1Api);
  }

  /** @throws InvalidInputError for a kubeconfig or context that does not exist */
  static connect(choice: ClusterChoice): SweepClient {
    const { config, namespace } = chosenConfig(choice);
    return new SweepClient(config, namespace);
  }

  /** @param all whether to list every namespace @throws UnreachableError */
  async list(all: boolean): Promise<SweepResource[]> {
    const found: unknown = await this.#guard('listing sweeps', () =>
      all
        ? this.#custom.listClusterCustomObject({ group, version, plural })
        : this.#custom.listNamespacedCustomObject({ group, version, plural, namespace: this.namespace }),
    );
    return (found as { items: SweepResource[] }).items;
  }

  /** @throws NotFoundError, UnreachableError */
  async get(name: string): Promise<SweepResource> {
    const { namespace } = this;
    const get = () => this.#custom.getNamespacedCustomObject({ group, version, plural, namespace, name });
    try {
      return (await this.#guard(`sweep ${name}`, get)) as SweepResource;
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      const there = await this.list(false).catch(() => []);
      const close = closestName(
        name,
        there.map(({ metadata }) => metadata.name),
      );
      throw close === undefined ? error : new NotFoundError(`${error.message}; did you mean "${close}"?`, { cause: error });
    }
  }

  /** Creates or updates the Sweep. @throws InvalidInputError with the API server's words, UnreachableError */
  async apply({ apiVersion, kind, metadata, spec }: SweepDocument): Promise<SweepResource> {
    const namespace = metadata.namespace ?? this.namespace;
    const { name } = metadata;
    const body = { apiVersion, kind, metadata: { ...metadata, namespace }, spec };
    return (await this.#guard(`sweep ${name}`, () =>
      this.#custom.patchNamespacedCustomObject(
        { group, version, plural, namespace, name, body, fieldManager, force: true, fieldValidation: 'Strict' },
        setHeaderOptions('Content-Type', PatchStrategy.ServerSideApply),
      ),
    )) as SweepResource;
  }

  /** @param change to spec or annotations @throws NotFoundError, UnreachableError */
  async change(name: string, change: { readonly spec?: object; readonly metadata?: object }): Promise<SweepResource> {
    const { namespace } = this;
    return (await this.#guard(`sweep ${name}`, () =>
      this.#custom.patchNamespacedCustomObject(
        { group, version, plural, namespace, name, body: change, fieldManager },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      ),
    )) as SweepResource;
  }

  async pods({ metadata }: SweepResource): Promise<SweepPod[]> {
    const { namespace, uid } = metadata;
    const labelSelector = `${labels.sweep}=${uid}`;
    const { items } = await this.#guard('pods', () => this.#core.listNamespacedPod({ namespace, labelSelector }));
    return items.map((pod) => ({
      name: pod.metadata?.name ?? '',
      phase: pod.status?.phase ?? 'Unknown',
      problem: problemOfPod(pod)?.message,
    }));
  }

  async log({ metadata }: SweepResource, pod: string): Promise<string> {
    const { namespace } = metadata;
    return this.#guard(`log of pod ${pod}`, () => this.#core.readNamespacedPodLog({ namespace, name: pod }));
  }

  async #guard<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      const words = wordsOf(error);
      switch (statusOf(error)) {
        case notFound:
          if (/could not find the requested resource|page not found/i.test(words))
            throw new UnreachableError(`${this.#server} has no Sweep resource. Remedy: install the chart (docs/kubernetes.md)`, {
              cause: error,
            });
          throw new NotFoundError(`${what}: not in namespace ${this.namespace}; \`ncsweep list -A\` shows all`, { cause: error });
        case badRequest:
        case invalid:
          throw new InvalidInputError(words, { cause: error });
        case unauthorized:
        case forbidden:
          throw new UnreachableError(`${what}: ${words}`, { cause: error });
        default: {
          const remedy = 'check the kubeconfig, and whether the cluster answers `kubectl version`';
          throw new UnreachableError(`${what}: ${this.#server}: ${words}. Remedy: ${remedy}`, { cause: error });
        }
      }
    }
  }
}
