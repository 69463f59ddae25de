/** What is remembered about a Sweep between passes. All of it can be rebuilt, so a new leader starts with nothing. */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import type { SweepEngine } from '../engine/queue/sweep-engine.ts';
import { Background } from './background.ts';
import type { Admission, Refused } from './decide/admit.ts';
import { nothingMade, type PoolsMemory } from './decide/pools.ts';
import { retryOf } from './decide/report.ts';
import { adoptedScience, heldToScience } from './decide/science.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import type { TaskClass } from './jobs/pool-plan.ts';
import type { StatusWriter } from './status-writer.ts';

/** How often planning is retried while it waits for data to be pushed, or for room. */
const lookAgainMs = 10_000;
/** Reasons that end when something is pushed. */
const unresolved: ReadonlySet<string> = new Set<Refused['reason']>(['DatasetUnresolved', 'PluginUnresolved']);
/** How long to wait before reading again a store that could not be read. */
const openAgainMs = 5_000;
/** Maximum number of events kept for an engine that is being opened; what later ones report is found in the store. */
const mostMissed = 10_000;

/** Changes when the plan must be made again: with the spec's generation, a requested retry, or the science that a person adopts. */
const versionOf = (resource: SweepResource): string =>
  `${resource.metadata.generation} ${retryOf(resource)} ${adoptedScience(resource)}`;

/** Plans with the same cells, and the same rows for them, count as one. */
const digestOf = (admission: Admission | undefined): string =>
  admission?.kind === 'admitted' ? `${admission.plan.planDigest} ${admission.plan.trials}` : '';

export class SweepRecord {
  /** The Sweep's key in the queue of passes. */
  readonly key: string;
  readonly status: StatusWriter;
  poolsMemory: PoolsMemory = nothingMade;
  /** The waves that were last told to drain. */
  readonly drained = new Map<TaskClass, string>();
  /** When the streams were ensured, as of the last time that the sweep's own consumers were ensured too. */
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

  /** The verdict on the spec as it is now; undefined while it is being made. */
  admissionOf(resource: SweepResource): Admission | undefined {
    return this.#version === versionOf(resource) ? this.#admission : undefined;
  }

  /** Whether the spec must be judged, or judged again because its data may have arrived. */
  needsPlan(resource: SweepResource, nowMs: number): boolean {
    const version = versionOf(resource);
    if (this.#planning !== undefined) return this.#planning.version !== version;
    if (this.#version !== version) return true;
    const waitsForStore = this.#admission?.kind === 'refused' && unresolved.has(this.#admission.reason);
    return (waitsForStore || this.#admission?.kind === 'waiting') && nowMs - this.#plannedMs >= lookAgainMs;
  }

  /** Whether a plan is being made. */
  get isPlanning(): boolean {
    return this.#planning !== undefined;
  }

  beginPlan(resource: SweepResource, work: (signal: AbortSignal) => Promise<Admission>, onEnd: () => void): void {
    this.#planning?.work.cancel();
    this.#planning = { version: versionOf(resource), work: new Background(work, onEnd) };
  }

  /**
   * Takes over a plan that was made.
   * @returns whether there was one, and whether it wants other cells than before, in which case what was known about cells no
   * longer applies
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

  /** Drops the plan of a Sweep that is over, since nothing needs it any more. */
  dropPlan(): void {
    this.#planning?.work.cancel();
    this.#planning = undefined;
    this.#version = '';
    this.#admission = undefined;
  }

  /** Defined once the store's contents have been read. */
  get engine(): SweepEngine | undefined {
    return this.#engine?.value;
  }

  /** Why the store could not be read. */
  get engineProblem(): unknown {
    return this.#engine?.outcome.kind === 'failed' ? this.#engine.outcome.error : undefined;
  }

  /** Whether the store has been read, is being read, or could not be read a moment ago. */
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

  /** @returns whether the event concerns this sweep's cells or tasks */
  see(event: StreamEvent): boolean {
    if (this.#engine?.outcome.kind === 'running' && this.#missed.length < mostMissed) this.#missed.push(event);
    return this.engine?.see(event) ?? false;
  }

  /** Call it when the Sweep is gone. */
  end(): void {
    this.#planning?.work.cancel();
    this.dropEngine();
  }
}
