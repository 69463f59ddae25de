/** The Sweeps that have metric series: all that exist, including those that are over. A series ends with its Sweep. */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { Cluster } from './cluster.ts';
import type { Metrics, SweepLabels } from './metrics.ts';
import type { SweepResource } from './decide/sweep-resource.ts';

interface MeasuredSweepsOptions {
  readonly cluster: Cluster;
  readonly metrics: Metrics;
  readonly now: () => number;
}

export const labelsOf = ({ metadata }: SweepResource): SweepLabels => ({ namespace: metadata.namespace, sweep: metadata.name });

export class MeasuredSweeps {
  readonly #options: MeasuredSweepsOptions;
  readonly #labels = new Map<string, SweepLabels>();
  /** When the GPUs held by sweeps were last counted. */
  #countedMs: number;

  constructor(options: MeasuredSweepsOptions) {
    this.#options = options;
    this.#countedMs = options.now();
  }

  /** Called at the start of a pass. @param sweeps all that exist */
  async pass(sweeps: readonly SweepResource[]): Promise<void> {
    const { cluster, metrics, now } = this.#options;
    const uids = new Set(sweeps.map(({ metadata }) => metadata.uid));
    for (const [uid, labels] of this.#labels) {
      if (uids.has(uid)) continue;
      this.#labels.delete(uid);
      await metrics.forget(labels);
    }
    for (const resource of sweeps) this.#labels.set(resource.metadata.uid, labelsOf(resource));
    const seconds = (now() - this.#countedMs) / 1000;
    for (const [uid, labels] of this.#labels) metrics.heldGpus(labels, cluster.gpusHeld(uid), seconds);
    this.#countedMs = now();
  }

  /** @returns the Sweep that the event belongs to; undefined when it is gone */
  see(uid: string, event: StreamEvent): SweepLabels | undefined {
    const labels = this.#labels.get(uid);
    if (labels !== undefined) this.#options.metrics.event(labels, event);
    return labels;
  }
}
