/**
 * Writes a Sweep's status when it changed, and tells of a new phase in the log and in an event of the Sweep. What only says how far it is
 * waits a while, longer the longer the Sweep takes, so that an API server is asked for the sake of days as seldom as for that of minutes.
 */
import { isDeepStrictEqual } from 'node:util';
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { Cluster } from './cluster.ts';
import type { Metrics } from './metrics.ts';
import type { SweepResource } from './decide/sweep-resource.ts';

interface StatusWriterOptions {
  readonly cluster: Pick<Cluster, 'writeStatus' | 'tell'>;
  readonly metrics: Pick<Metrics, 'wroteStatus'>;
  readonly now: () => number;
  readonly log: (level: 'info', message: string, facts: Readonly<Record<string, unknown>>) => void;
}

/** Progress is written at most so often, and at most every `ofAge` of the time that the Sweep has taken. */
const [leastMs, mostMs, ofAge] = [1_000, 30_000, 0.02];

interface Written {
  readonly text: string;
  /** All but how far it is. */
  readonly steady: string;
  readonly phase: string | undefined;
  readonly atMs: number;
}

/** Of one Sweep. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #written: Written | undefined;
  #beganMs: number | undefined;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  async write(resource: SweepResource, status: SweepStatus): Promise<void> {
    const { cluster, metrics, now } = this.#options;
    const atMs = now();
    this.#beganMs ??= atMs;
    const { counters, eta, trials, pools, replicas, ...rest } = status;
    const steady = JSON.stringify(rest);
    const text = `${steady} ${JSON.stringify([counters, eta, trials, pools, replicas])}`;
    if (text === this.#written?.text) return;
    // A new leader finds what another one wrote.
    if (this.#written === undefined && isDeepStrictEqual(resource.status, status)) {
      this.#written = { text, steady, phase: status.phase, atMs };
      return;
    }
    const patienceMs = Math.min(mostMs, Math.max(leastMs, ofAge * (atMs - this.#beganMs)));
    const sinceMs = atMs - (this.#written?.atMs ?? -Infinity); // negative when the clock was set back
    if (steady === this.#written?.steady && sinceMs >= 0 && sinceMs < patienceMs) return;
    await cluster.writeStatus(resource, status);
    const { name, namespace } = resource.metadata;
    metrics.wroteStatus({ namespace, sweep: name });
    const isNewPhase = this.#written?.phase !== status.phase;
    this.#written = { text, steady, phase: status.phase, atMs };
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
