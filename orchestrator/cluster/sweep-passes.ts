/**
 * A pass over one Sweep: observe → decide (pure) → apply → one status write. Long work (planning, reading what the store has,
 * deleting) continues in the background, and a later pass picks up its outcome.
 */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { decide } from './decide/decide.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import type { Parts } from './parts.ts';
import { StatusWriter } from './status-writer.ts';
import { StepRunner } from './step-runner.ts';
import { SweepObserver } from './sweep-observer.ts';
import { SweepRecord } from './sweep-record.ts';

/** A Sweep's key in the queue of passes. A Sweep that was recreated under the same name has another key. */
export const keyOf = ({ metadata }: SweepResource): string => `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
const uidOf = (key: string): string => key.split('/')[2] ?? '';

export class SweepPasses {
  readonly #parts: Parts;
  readonly #observer: SweepObserver;
  readonly #runner: StepRunner;
  readonly #records = new Map<string, SweepRecord>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#observer = new SweepObserver(parts);
    this.#runner = new StepRunner(parts);
  }

  /** @returns when to look again if nothing happens, ms */
  async pass(key: string, signal: AbortSignal): Promise<number> {
    const { cluster, metrics } = this.#parts.options;
    const [namespace = '', name = '', uid = ''] = key.split('/');
    const resource = cluster.sweep(namespace, name);
    if (resource?.metadata.uid !== uid) return Infinity; // the Sweep is gone
    const done = metrics.pass();
    try {
      const record = this.#recordOf(key);
      const look = await this.#observer.observe(resource, record, signal);
      const { steps, status, memory, isTroubled, againMs } = decide(look());
      record.poolsMemory = memory ?? record.poolsMemory;
      if (isTroubled !== undefined) this.#parts.holders.trouble(uid, isTroubled);
      await this.#runner.apply(steps, resource, record);
      if (status !== undefined) await record.status.write(resource, status);
      return againMs;
    } finally {
      done();
    }
  }

  /** Call it when the queue in NATS, or events about it, were lost. */
  forgetQueues(): void {
    for (const { engine } of this.#records.values()) engine?.forgetQueue();
  }

  /** Takes an event from a worker, also for sweeps that wait for its cell in another's queue. @returns keys that it concerns */
  see(uid: string, event: StreamEvent): string[] {
    // A worker that starts or fails is not progress.
    if (event.kind === 'committed') this.#parts.holders.alive(uid);
    const concerned: string[] = [];
    for (const [key, record] of this.#records) if (record.see(event) || uidOf(key) === uid) concerned.push(key);
    return concerned;
  }

  /** Forgets a Sweep that is gone. */
  async forget(key: string): Promise<void> {
    const { options, deletions, holders, shares } = this.#parts;
    const uid = uidOf(key);
    this.#records.get(key)?.end();
    this.#records.delete(key);
    deletions.forget(uid);
    holders.releaseAll(uid);
    shares.forget(uid);
    options.planner.release(uid);
    await options.stream.forget(uid).catch(() => undefined);
  }

  #recordOf(key: string): SweepRecord {
    const known = this.#records.get(key);
    if (known !== undefined) return known;
    const fresh = new SweepRecord(key, new StatusWriter(this.#parts.options));
    this.#records.set(key, fresh);
    return fresh;
  }
}
