/**
 * Writes a Sweep's status when it has changed, and reports a new phase, or whatever keeps its workers from working, in the log and
 * in an event of the Sweep. Changes of progress alone are delayed, for longer the longer the Sweep has been running, so that a
 * Sweep of days costs the API server no more requests than one of minutes.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Condition, SweepStatus } from '@ncsweep/protocol/status';
import type { Cluster } from './cluster.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { SweepResource } from './decide/sweep-resource.ts';

interface StatusWriterOptions {
  readonly cluster: Pick<Cluster, 'writeStatus' | 'tell'>;
  readonly metrics: Pick<Metrics, 'wroteStatus'>;
  readonly now: () => number;
  readonly log: Log;
}

/** Progress waits for `ofAge` of the time that the Sweep has taken so far, within these bounds. */
const [leastMs, mostMs, ofAge] = [1_000, 30_000, 0.02];

interface Written {
  readonly text: string;
  /** Everything but progress. */
  readonly steady: string;
  readonly phase: string | undefined;
  /** What keeps its workers from working. */
  readonly trouble: string | undefined;
  readonly atMs: number;
}

/** Reasons for `Progressing` to be False although nothing is wrong. */
const calm = ['NothingReady', 'Finished', 'WaitsForSweep', 'WaitingForQuota', 'WaitingForWorkers'];

/** Why the workers are not working. */
const troubleOf = ({ conditions = [] }: SweepStatus): Condition | undefined =>
  conditions.find(({ type, status, reason }) => type === 'Progressing' && status === 'False' && !calm.includes(reason));

/** Writes the status of one Sweep. */
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
    // A new leader finds the status that its predecessor wrote.
    if (this.#written === undefined && isDeepStrictEqual(resource.status, status)) {
      this.#written = { text, steady, phase: status.phase, trouble: troubleOf(status)?.reason, atMs };
      return;
    }
    if (steady === this.#written?.steady && !this.#isTime(atMs, this.#beganMs)) return;
    await cluster.writeStatus(resource, status);
    const { name, namespace } = resource.metadata;
    metrics.wroteStatus({ namespace, sweep: name });
    const before = this.#written;
    this.#written = { text, steady, phase: status.phase, trouble: troubleOf(status)?.reason, atMs };
    await this.#tellNews(resource, status, before);
  }

  /** Whether a change of progress alone is due to be written. */
  #isTime(atMs: number, beganMs: number): boolean {
    const patienceMs = Math.min(mostMs, Math.max(leastMs, ofAge * (atMs - beganMs)));
    const sinceMs = atMs - (this.#written?.atMs ?? -Infinity); // negative when the clock was set back
    return sinceMs < 0 || sinceMs >= patienceMs;
  }

  async #tellNews(resource: SweepResource, status: SweepStatus, before: Written | undefined): Promise<void> {
    const trouble = troubleOf(status);
    if (before?.phase !== status.phase) await this.#tell(resource, status);
    else if (trouble !== undefined && trouble.reason !== before?.trouble) await this.#warn(resource, trouble);
  }

  async #warn(resource: SweepResource, { reason, message }: Condition): Promise<void> {
    const { name, namespace, uid } = resource.metadata;
    this.#options.log('WorkersCannotWork', { sweep: `${namespace}/${name}`, uid, reason, why: message });
    await this.#options.cluster.tell(resource, 'Warning', reason, message);
  }

  async #tell(resource: SweepResource, status: SweepStatus): Promise<void> {
    const { phase = '', reason = '', trials = '', conditions = [] } = status;
    const { name, namespace, uid } = resource.metadata;
    this.#options.log('SweepPhaseChanged', { sweep: `${namespace}/${name}`, uid, phase, reason });
    const message = conditions.find((each) => each.reason === reason)?.message ?? '';
    const isWrong = phase === 'Invalid' || phase === 'Failed' || troubleOf(status) !== undefined;
    await this.#options.cluster.tell(
      resource,
      isWrong ? 'Warning' : 'Normal',
      reason,
      message === '' ? `${phase}: ${trials} trials` : message,
    );
  }
}
