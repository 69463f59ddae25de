/** What is remembered of a Sweep between passes. All of it can be rebuilt, so that a new leader begins with nothing. */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { SweepEngine } from '../engine/queue/sweep-engine.ts';
import { Background } from './background.ts';
import type { Admission } from './decide/admit.ts';
import { nothingMade, type PoolsMemory } from './decide/pools.ts';
import { retryOf } from './decide/report.ts';
import { adoptedScience, heldToScience } from './decide/science.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import type { TaskClass } from './jobs/pool-plan.ts';
import type { StatusWriter } from './status-writer.ts';

/** How often a plan is tried again that waits for data to be pushed, or for room. */
const lookAgainMs = 10_000;
/** How long nobody tries to read a store again that could not be read. */
const openAgainMs = 5_000;
/** Events that are kept for an engine that is being opened; what more said is found in the store. */
const mostMissed = 10_000;

/** What a plan is made of: another generation of the spec, or a person's wish to try again. */
const versionOf = (resource: SweepResource): string =>
  `${resource.metadata.generation} ${retryOf(resource)} ${adoptedScience(resource)}`;

/** Plans that give the same cells, and rows that stand for them, are one. */
const digestOf = (admission: Admission | undefined): string =>
  admission?.kind === 'admitted' ? `${admission.plan.planDigest} ${admission.plan.trials}` : '';

export class SweepRecord {
  /** In the queue of passes. */
  readonly key: string;
  readonly status: StatusWriter;
  poolsMemory: PoolsMemory = nothingMade;
  /** Waves that were told to drain last. */
  readonly drained = new Map<TaskClass, string>();
  /** The streams' ensuring after which the sweep's own consumers were ensured too. */
  ensuredMs = -Infinity;

  #version = '';
  #retry = '';
  #plannedMs = -Infinity;
  #admission: Admission | undefined;
  #planning: { readonly version: string; readonly work: Background<Admission> } | undefined;
  #engine: Background<SweepEngine> | undefined;
  #engineEndedMs = 0;
  #missed: StreamEvent[] = [];

  constructor(key: string, status: StatusWriter) {
    this.key = key;
    this.status = status;
  }

  /** Of the spec as it is now; undefined while it is being made. */
  admissionOf(resource: SweepResource): Admission | undefined {
    return this.#version === versionOf(resource) ? this.#admission : undefined;
  }

  /** Whether the spec is to be judged, or judged again because its data may have come. */
  needsPlan(resource: SweepResource, nowMs: number): boolean {
    const version = versionOf(resource);
    if (this.#planning !== undefined) return this.#planning.version !== version;
    if (this.#version !== version) return true;
    const waitsForData = this.#admission?.kind === 'refused' && this.#admission.reason === 'DatasetUnresolved';
    return (waitsForData || this.#admission?.kind === 'waiting') && nowMs - this.#plannedMs >= lookAgainMs;
  }

  /** A plan is being made. */
  get isPlanning(): boolean {
    return this.#planning !== undefined;
  }

  beginPlan(resource: SweepResource, work: (signal: AbortSignal) => Promise<Admission>, onEnd: () => void): void {
    this.#planning?.work.cancel();
    this.#planning = { version: versionOf(resource), work: new Background(work, onEnd) };
  }

  /**
   * Takes over a plan that was made.
   * @returns whether there was one, and whether it wants other cells than before, so that what was known of them means nothing any more
   * @throws whatever planning threw
   */
  takePlan(resource: SweepResource, nowMs: number): 'none' | 'same cells' | 'other cells' {
    const outcome = this.#planning?.work.outcome;
    if (this.#planning === undefined || outcome === undefined || outcome.kind === 'running') return 'none';
    const { version } = this.#planning;
    this.#planning = undefined;
    if (outcome.kind === 'failed') throw outcome.error;
    const retry = retryOf(resource);
    const admission = heldToScience(resource, outcome.value);
    const isSame = this.#retry === retry && digestOf(this.#admission) === digestOf(admission);
    this.#version = version;
    this.#retry = retry;
    this.#admission = admission;
    this.#plannedMs = nowMs;
    return isSame ? 'same cells' : 'other cells';
  }

  /** Nobody needs the plan of a Sweep that is over. */
  dropPlan(): void {
    this.#planning?.work.cancel();
    this.#planning = undefined;
    this.#version = '';
    this.#admission = undefined;
  }

  /** Once what the store has was read. */
  get engine(): SweepEngine | undefined {
    return this.#engine?.value;
  }

  /** Why it could not be read. */
  get engineProblem(): unknown {
    return this.#engine?.outcome.kind === 'failed' ? this.#engine.outcome.error : undefined;
  }

  /** It was read, is being read, or could not be read a moment ago. */
  hasEngine(nowMs: number): boolean {
    if (this.#engine === undefined) return false;
    return this.#engine.outcome.kind !== 'failed' || nowMs - this.#engineEndedMs < openAgainMs;
  }

  beginEngine(open: (signal: AbortSignal) => Promise<SweepEngine>, now: () => number, onEnd: () => void): void {
    this.dropEngine();
    const engine = new Background(open, () => {
      this.#engineEndedMs = now();
      for (const event of this.#missed.splice(0)) engine.value?.see(event);
      onEnd();
    });
    this.#engine = engine;
  }

  dropEngine(): void {
    this.#engine?.cancel();
    this.#engine = undefined;
    this.#missed = [];
  }

  /** @returns whether the event says something of this sweep's cells or tasks */
  see(event: StreamEvent): boolean {
    if (this.#engine?.outcome.kind === 'running' && this.#missed.length < mostMissed) this.#missed.push(event);
    return this.engine?.see(event) ?? false;
  }

  /** Its Sweep is gone. */
  end(): void {
    this.#planning?.work.cancel();
    this.dropEngine();
  }
}
