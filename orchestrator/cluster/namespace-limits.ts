/**
 * The limits of the install on each namespace, and the share of every sweep in them. Shares are of the demands of the last whole pass, so
 * that all sweeps of a namespace are judged together; a sweep has none before its first pass is over, a second later.
 */
import { demanded, fairShares, type NamespaceLimit, type WorkerDemand } from './jobs/namespace-share.ts';

export interface NamespaceLimits {
  /** Of every namespace. */
  readonly perNamespace: NamespaceLimit;
  /** Of some, in place of what all have. */
  readonly namespaces: Readonly<Record<string, NamespaceLimit>>;
}

export interface Share {
  readonly workers: number;
  /** It wants more workers than it may have. */
  readonly isLimited: boolean;
  readonly limit: NamespaceLimit;
}

interface Contender {
  readonly namespace: string;
  readonly uid: string;
  /** As the API server writes it. */
  readonly creationTimestamp?: string;
}

export class NamespaceShares {
  readonly #limits: NamespaceLimits;
  #demands = new Map<string, { readonly of: Contender; readonly demand: WorkerDemand }>();
  #shares = new Map<string, Share>();

  constructor(limits: NamespaceLimits) {
    this.#limits = limits;
  }

  /** Says what a sweep wants now. @returns undefined where nothing is limited */
  share(of: Contender, demand: WorkerDemand): Share | undefined {
    const limit = this.#limitOf(of.namespace);
    if (limit.pods === undefined && limit.gpus === undefined) return undefined;
    this.#demands.set(of.uid, { of, demand });
    return this.#shares.get(of.uid) ?? { workers: 0, isLimited: false, limit };
  }

  /** The pass is over: what was said in it makes the shares of the next. */
  turn(): void {
    const age = ({ of }: { of: Contender }): string => `${of.creationTimestamp ?? ''} ${of.uid}`;
    const oldestFirst = [...this.#demands.values()].sort((a, b) => (age(a) < age(b) ? -1 : 1));
    this.#shares = new Map();
    for (const [namespace, contenders] of Map.groupBy(oldestFirst, (each) => each.of.namespace)) {
      const limit = this.#limitOf(namespace);
      const workers = fairShares(contenders.map(({ demand }) => demand), limit); // prettier-ignore
      contenders.forEach(({ of, demand }, i) => {
        this.#shares.set(of.uid, { workers: workers[i]!, isLimited: workers[i]! < demanded(demand), limit });
      });
    }
    this.#demands = new Map();
  }

  #limitOf(namespace: string): NamespaceLimit {
    return { ...this.#limits.perNamespace, ...this.#limits.namespaces[namespace] };
  }
}

/** How many pods fit in yet, beside what the namespace holds. */
export const roomFor = (
  { pods = Infinity, gpus = Infinity }: NamespaceLimit,
  used: { readonly pods: number; readonly gpus: number },
  gpusOfPod: number,
): number => Math.max(0, Math.min(pods - used.pods, gpusOfPod === 0 ? Infinity : Math.floor((gpus - used.gpus) / gpusOfPod)));

/** Of a condition: it names no number that changes with every pod. */
export function limitText(namespace: string, { limit, workers }: Share): string {
  const parts = [
    ...(limit.pods === undefined ? [] : [`${limit.pods} worker pods`]),
    ...(limit.gpus === undefined ? [] : [`${limit.gpus} GPUs`]),
  ];
  return `namespace ${namespace} may have ${parts.join(' and ')}; the share of this sweep is ${workers} workers`;
}
