/** The limits of the install on each namespace, and the share of every sweep in them. Pure. */
import { demanded, fairShares, type NamespaceLimit, type WorkerDemand } from './namespace-share.ts';

export interface NamespaceLimits {
  /** Of every namespace. */
  readonly perNamespace: NamespaceLimit;
  /** Of single namespaces; what these leave out is as in every other. */
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

interface Demand {
  readonly of: Contender;
  readonly demand: WorkerDemand;
  readonly atMs: number;
}

/** A sweep that did not say for so long what it wants does not want anything: it is over, suspended, or its store is away. */
const demandLivesMs = 60_000;

/**
 * Shares are of the latest demands of all sweeps of a namespace. A sweep has none at its first demand: the others, which under a new leader
 * say theirs within the same second, are not to find everything taken.
 */
export class NamespaceShares {
  readonly #limits: NamespaceLimits;
  readonly #demands = new Map<string, Demand>();

  constructor(limits: NamespaceLimits) {
    this.#limits = limits;
  }

  /** Says what a sweep wants now. @returns undefined where nothing is limited */
  share(of: Contender, demand: WorkerDemand, nowMs: number): Share | undefined {
    const limit = { ...this.#limits.perNamespace, ...this.#limits.namespaces[of.namespace] };
    if (limit.pods === undefined && limit.gpus === undefined) return undefined;
    const isFirst = !this.#demands.has(of.uid);
    this.#demands.set(of.uid, { of, demand, atMs: nowMs });
    if (isFirst) return { workers: 0, isLimited: false, limit };
    const contenders = this.#contenders(of.namespace, nowMs);
    const shares = fairShares(
      contenders.map((each) => each.demand),
      limit,
    );
    const workers = shares[contenders.findIndex((each) => each.of.uid === of.uid)] ?? 0;
    return { workers, isLimited: workers < demanded(demand), limit };
  }

  /** The sweep wants nothing any more. */
  forget(uid: string): void {
    this.#demands.delete(uid);
  }

  /** Oldest first. */
  #contenders(namespace: string, nowMs: number): Demand[] {
    for (const [uid, { atMs }] of this.#demands) if (nowMs - atMs > demandLivesMs) this.#demands.delete(uid);
    const age = ({ of }: Demand): string => `${of.creationTimestamp ?? ''} ${of.uid}`;
    const here = [...this.#demands.values()].filter((each) => each.of.namespace === namespace);
    return here.sort((a, b) => (age(a) < age(b) ? -1 : 1));
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
