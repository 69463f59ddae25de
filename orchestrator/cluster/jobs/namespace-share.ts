/**
 * How many workers each sweep of a namespace may have under the namespace's limits. Pure. This is dominant resource fairness
 * (Ghodsi et al., NSDI 2011): the next worker goes to the sweep with the smallest dominant share, of pods or GPUs; ties go to the
 * first sweep.
 */
import { roundingSlack } from './devices.ts';
import { shareWorkers } from './pool-plan.ts';

type ByClass = Readonly<Record<'train' | 'evaluate', number>>;

/** What all sweeps of a namespace together may have; absent: any number. */
export interface NamespaceLimit {
  /** Worker pods. */
  readonly pods?: number | undefined;
  /** What the devices of worker pods count as, from any vendor. */
  readonly gpus?: number | undefined;
}

export interface WorkerDemand {
  readonly queued: ByClass;
  readonly parallelism: number;
  /** How many GPUs a pod counts as. */
  readonly gpus: ByClass;
}

/** Workers that a sweep would have without limits. */
export const demanded = ({ queued, parallelism }: WorkerDemand): number => Math.min(parallelism, queued.train + queued.evaluate);

function gpusOf({ queued, gpus }: WorkerDemand, workers: number): number {
  const { train, evaluate } = shareWorkers(queued, workers);
  return train * gpus.train + evaluate * gpus.evaluate;
}

const part = (held: number, most: number): number => (held === 0 ? 0 : held / most);

/** @param demands oldest sweep first @returns the number of workers for each */
export function fairShares(demands: readonly WorkerDemand[], { pods = Infinity, gpus = Infinity }: NamespaceLimit): number[] {
  const held = demands.map(() => ({ workers: 0, gpus: 0 }));
  const used = { workers: 0, gpus: 0 };
  const open = new Set(demands.keys());
  const dominant = (i: number): number => Math.max(part(held[i]!.workers, pods), part(held[i]!.gpus, gpus));
  while (open.size > 0) {
    const poorest = [...open].reduce((a, b) => (dominant(b) < dominant(a) ? b : a));
    const [demand, own] = [demands[poorest]!, held[poorest]!];
    const more = gpusOf(demand, own.workers + 1) - own.gpus;
    if (own.workers >= demanded(demand) || used.workers >= pods || used.gpus + more > gpus + roundingSlack) {
      open.delete(poorest);
      continue;
    }
    own.workers += 1;
    own.gpus += more;
    used.workers += 1;
    used.gpus += more;
  }
  return held.map(({ workers }) => workers);
}
