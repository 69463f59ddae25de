/** Problems of Jobs and pods that only their events show. */
import type { CoreV1Api, V1Job, V1Pod } from '@kubernetes/client-node';
import type { PodProblem } from '../cluster/cluster.ts';
import { complaintOf } from './pod-problem.ts';

/** The events of an object are requested at most this often. */
const askAgainMs = 5_000;
/** Objects whose last message is kept. */
const mostKept = 1_000;

export class Complaints {
  readonly #core: CoreV1Api;
  readonly #now: () => number;
  /** By object, the last message of its events. */
  readonly #known = new Map<string, { readonly askedMs: number; readonly message: string | undefined }>();

  constructor(core: CoreV1Api, now: () => number) {
    this.#core = core;
    this.#now = now;
  }

  /** Why pods of a Job were not created. */
  async aboutJob(job: V1Job | undefined): Promise<PodProblem | undefined> {
    const message = await this.#of('Job', job, 'reason=FailedCreate');
    if (message === undefined) return undefined;
    const reason = /exceeded quota/.test(message) ? 'QuotaExceeded' : 'Unschedulable';
    return { reason, message: `Job ${job?.metadata?.name ?? ''}: ${message}` };
  }

  /** Why the containers of a pod have not been created yet, such as a volume that cannot be mounted. */
  async aboutPod(pod: V1Pod | undefined): Promise<PodProblem | undefined> {
    // What the scheduler said is over: the pod has a node.
    const message = await this.#of('Pod', pod, 'reason!=FailedScheduling,reason!=Scheduled');
    return message === undefined ? undefined : { reason: 'CannotStart', message: `pod ${pod?.metadata?.name ?? ''}: ${message}` };
  }

  /** Drops what is known of an object that is gone. */
  forget(namespace: string, name: string): void {
    this.#known.delete(`${namespace}/${name}`);
  }

  async #of(kind: 'Job' | 'Pod', object: V1Job | V1Pod | undefined, selector: string): Promise<string | undefined> {
    const { namespace = '', name = '' } = object?.metadata ?? {};
    if (object === undefined) return undefined;
    const key = `${namespace}/${name}`;
    const known = this.#known.get(key);
    if (known !== undefined && this.#now() - known.askedMs < askAgainMs) return known.message;
    const fieldSelector = `involvedObject.kind=${kind},involvedObject.name=${name},${selector}`;
    const { items } = await this.#core.listNamespacedEvent({ namespace, fieldSelector });
    const message = complaintOf(items);
    this.#known.delete(key);
    this.#known.set(key, { askedMs: this.#now(), message });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKept && oldest !== undefined) this.#known.delete(oldest);
    return message;
  }
}
