/**
 * Writes a Sweep's status when it has changed, and reports a new phase, or whatever keeps its workers from working, in the log and
 * in an event of the Sweep. Changes of progress alone are delayed, for longer the longer the Sweep has been running, so that a
 * Sweep of days costs the API server no more requests than one of minutes.
 */
import { isDeepStrictEqual } from 'node:util';
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { Cluster } from './cluster.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import { newsOf } from './sweep-news.ts';

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
  readonly status: SweepStatus;
  readonly atMs: number;
}

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
      this.#written = { text, steady, status, atMs };
      return;
    }
    if (steady === this.#written?.steady && !this.#isTime(atMs, this.#beganMs)) return;
    await cluster.writeStatus(resource, status);
    const { name, namespace } = resource.metadata;
    metrics.wroteStatus({ namespace, sweep: name });
    const before = this.#written?.status ?? resource.status;
    this.#written = { text, steady, status, atMs };
    await this.#tellNews(resource, status, before);
  }

  /** Whether a change of progress alone is due to be written. */
  #isTime(atMs: number, beganMs: number): boolean {
    const patienceMs = Math.min(mostMs, Math.max(leastMs, ofAge * (atMs - beganMs)));
    const sinceMs = atMs - (this.#written?.atMs ?? -Infinity); // negative when the clock was set back
    return sinceMs < 0 || sinceMs >= patienceMs;
  }

  async #tellNews(resource: SweepResource, status: SweepStatus, before: SweepStatus | undefined): Promise<void> {
    const news = newsOf(before, status);
    if (news === undefined) return;
    const { type, reason, message } = news;
    const { name, namespace, uid } = resource.metadata;
    const facts = { sweep: `${namespace}/${name}`, uid, reason, why: message };
    if (before?.phase === status.phase) this.#options.log('WorkersCannotWork', facts);
    else this.#options.log('SweepPhaseChanged', { ...facts, phase: status.phase });
    await this.#options.cluster.tell(resource, type, reason, message);
  }
}
