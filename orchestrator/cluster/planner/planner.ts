/**
 * Judges and plans Sweeps in threads. Small ones have a thread of their own, so that they never wait long for large ones. Which is
 * which is guessed from the spec; a plan that turns out to be large moves to the other thread. All plans held may have a bounded
 * number of cells together; a plan that finds no room waits.
 */
import { cellsOfDocument, decodePlan } from '../../planning/plan/plan-document.ts';
import type { RunnablePlan } from '../../planning/plan/plan.ts';
import type { PushedData } from '../../planning/spec/pushed-data.ts';
import type { Admission, AdmissionRules } from '../decide/admit.ts';
import { isSuspended } from '../decide/stage.ts';
import type { SweepResource } from '../decide/sweep-resource.ts';
import type { Clock } from '../passes/clock.ts';
import { CellRoom } from './cell-room.ts';
import { PlanLane, PlanOutOfMemoryError, PlanTooSlowError } from './plan-lane.ts';
import type { PlanAnswer } from './plan-request.ts';
import { roughSize } from './rough-size.ts';

export interface PlannerOptions {
  readonly rules: AdmissionRules;
  /** Maximum number of cells of all plans held at once. */
  readonly mostCellsOfAll: number;
  /** Where plans are kept across restarts; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
  readonly clock: Clock;
}

/** Up to this many points, a plan is expected to be quick to make. */
const smallSize = 20_000;
const [smallLimitMs, largeLimitMs] = [5_000, 600_000];
const [smallHeapMebibytes, largeHeapMebibytes] = [256, 768];
/** A plan of up to this many cells finds room in any case: it takes a few megabytes. */
const alwaysFits = 2_000;

export class Planner {
  readonly #options: PlannerOptions;
  readonly #small: PlanLane;
  readonly #large: PlanLane;
  readonly #room: CellRoom;

  constructor(options: PlannerOptions) {
    this.#options = options;
    const { cacheFolder, clock, mostCellsOfAll } = options;
    const common = { thread: { cacheFolder }, clock };
    this.#small = new PlanLane({ ...common, limitMs: smallLimitMs, heapMebibytes: smallHeapMebibytes, idleMs: undefined });
    this.#large = new PlanLane({ ...common, limitMs: largeLimitMs, heapMebibytes: largeHeapMebibytes, idleMs: 30_000 });
    this.#room = new CellRoom(mostCellsOfAll, alwaysFits);
  }

  /** Number of cells of all plans held. */
  get cells(): number {
    return this.#room.taken;
  }

  /** @throws the signal's reason, or what ended a thread */
  async admission(resource: SweepResource, data: PushedData, signal: AbortSignal): Promise<Admission> {
    const { metadata, spec } = resource;
    const request = { name: metadata.name, spec, data, rules: this.#options.rules, countsOnly: isSuspended(resource) };
    try {
      const answer = await this.#ask(request, roughSize(spec), signal);
      return await this.#admission(resource, answer, signal);
    } catch (error) {
      if (!(error instanceof PlanTooSlowError || error instanceof PlanOutOfMemoryError)) throw error;
      const message = `${error.message}. Remedy: split it by seed or architecture; equal work is shared`;
      return { kind: 'refused', reason: 'PlanTooLarge', message };
    }
  }

  /** Frees the room of a Sweep whose plan is no longer held. */
  release(uid: string): void {
    this.#room.release(uid);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#small.stop(), this.#large.stop()]);
  }

  async #ask(request: Parameters<PlanLane['plan']>[0], size: number, signal: AbortSignal): Promise<PlanAnswer> {
    if (size > smallSize) return this.#large.plan(request, size, signal);
    try {
      return await this.#small.plan(request, size, signal);
    } catch (error) {
      if (!(error instanceof PlanTooSlowError || error instanceof PlanOutOfMemoryError)) throw error;
      return this.#large.plan(request, smallSize, signal);
    }
  }

  async #admission({ metadata }: SweepResource, answer: PlanAnswer, signal: AbortSignal): Promise<Admission> {
    switch (answer.kind) {
      case 'counted':
      case 'refused':
        return answer;
      case 'failed':
        throw new Error(answer.message);
      case 'planned': {
        signal.throwIfAborted();
        const refusal = this.#room.take(metadata.uid, cellsOfDocument(answer.document));
        if (refusal !== undefined) return { kind: 'waiting', message: refusal };
        return { kind: 'admitted', plan: await decodeInSteps(answer.document, signal) };
      }
      default:
        return answer satisfies never;
    }
  }
}

async function decodeInSteps(document: Uint8Array, signal: AbortSignal): Promise<RunnablePlan> {
  const steps = decodePlan(document);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}
