/** Writes a Sweep's status when it changed, and tells of a new phase in the log and in an event of the Sweep. */
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { Cluster } from '../kube/cluster.ts';
import type { Metrics } from '../metrics.ts';
import type { SweepResource } from '../reconcile/sweep-resource.ts';

interface StatusWriterOptions {
  readonly cluster: Cluster;
  readonly metrics: Metrics;
  readonly log: (level: 'info', message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** Of one Sweep. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #written: { readonly text: string; readonly phase: string | undefined } | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  async write(resource: SweepResource, status: SweepStatus): Promise<void> {
    const { cluster, metrics } = this.#options;
    const text = JSON.stringify(status);
    if (text === this.#written?.text) return;
    await cluster.writeStatus(resource, status);
    const { name, namespace } = resource.metadata;
    metrics.wroteStatus({ namespace, sweep: name });
    const isNewPhase = this.#written?.phase !== status.phase;
    this.#written = { text, phase: status.phase };
    if (isNewPhase) await this.#tell(resource, status);
  }

  async #tell(resource: SweepResource, { phase = '', reason = '', trials = '', conditions = [] }: SweepStatus): Promise<void> {
    const { name, namespace, uid } = resource.metadata;
    this.#options.log('info', `sweep is ${phase}`, { sweep: `${namespace}/${name}`, uid, reason });
    const message = conditions.find((each) => each.reason === reason)?.message ?? '';
    const type = phase === 'Invalid' || phase === 'Failed' ? 'Warning' : 'Normal';
    await this.#options.cluster.tell(resource, type, reason, message === '' ? `${phase}: ${trials} trials` : message);
  }
}
