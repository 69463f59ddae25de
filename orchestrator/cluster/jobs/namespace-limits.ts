/** The install's limits on each namespace, and every sweep's share of them. Pure. */
import { roundingSlack, type DeviceWeights } from './devices.ts';
import { demanded, fairShares, type NamespaceLimit, type WorkerDemand } from './namespace-share.ts';

export interface NamespaceLimits {
  /** The limits of every namespace. */
  readonly perNamespace: NamespaceLimit;
  /** The limits of single namespaces; what they leave out is taken from `perNamespace`. */
  readonly namespaces: Readonly<Record<string, NamespaceLimit>>;
  /** How many GPUs a device counts as. */
  readonly weights: DeviceWeights;
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
  /** In the API server's format. */
  readonly creationTimestamp?: string;
}

interface Demand {
  readonly of: Contender;
  readonly demand: WorkerDemand;
  readonly atMs: number;
}

/** A sweep that has not stated a demand for this long wants nothing: it is over, suspended, or its store is unavailable. */
const demandLivesMs = 60_000;

/**
 * Computes shares from the latest demands of all sweeps of a namespace. A sweep gets no share at its first demand, so that it does
 * not take everything before the others, which all state their demands within the same second under a new leader.
 */
export class NamespaceShares {
  readonly #limits: NamespaceLimits;
  readonly #demands = new Map<string, Demand>();

  constructor(limits: NamespaceLimits) {
    this.#limits = limits;
  }

  /** Records what a sweep wants now. @returns its share; undefined where nothing is limited */
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

  /** Drops the demand of a sweep that wants nothing any more. */
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

/** How many more pods fit beside what the namespace already holds. */
export const roomFor = (
  { pods = Infinity, gpus = Infinity }: NamespaceLimit,
  used: { readonly pods: number; readonly gpus: number },
  gpusOfPod: number,
): number =>
  Math.max(
    0,
    Math.min(pods - used.pods, gpusOfPod === 0 ? Infinity : Math.floor((gpus - used.gpus) / gpusOfPod + roundingSlack)),
  );

/** The message of a condition: it contains no number that changes with every pod. */
export function limitText(namespace: string, { limit, workers }: Share): string {
  const parts = [
    ...(limit.pods === undefined ? [] : [counted(limit.pods, 'worker pod')]),
    ...(limit.gpus === undefined ? [] : [counted(limit.gpus, 'GPU')]),
  ];
  return `namespace ${namespace} may have ${parts.join(' and ')}; the share of this sweep is ${counted(workers, 'worker')}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
