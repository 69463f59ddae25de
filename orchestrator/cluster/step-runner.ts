/** The second part of a pass: carries out what was decided, and decides nothing itself. */
import { StoreUnavailableError } from '@ncsweep/protocol/store/object-store';
import { SweepEngine, type EngineOptions } from '../engine/queue/sweep-engine.ts';
import { writeRoots } from '../engine/store/roots.ts';
import { afterStop } from './decide/pools.ts';
import type { Step } from './decide/step.ts';
import type { SweepResource } from './decide/sweep-resource.ts';
import type { TaskClass } from './jobs/pool-plan.ts';
import { OpeningSlots } from './opening-slots.ts';
import type { Parts } from './parts.ts';
import { placeOf } from './stores/store-policy.ts';
import type { SweepRecord } from './sweep-record.ts';

export class StepRunner {
  readonly #parts: Parts;
  readonly #slots = new OpeningSlots();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Counts Jobs as created at once, before anything else looks at what a namespace holds.
   * @throws the error of the first step that failed; the steps after it are skipped, and the next pass decides on them again
   */
  async apply(steps: readonly Step[], resource: SweepResource, record: SweepRecord): Promise<void> {
    const { cluster } = this.#parts.options;
    await Promise.all(steps.flatMap((step) => (step.kind === 'create-job' ? [cluster.createJob(step.manifest)] : [])));
    for (const step of steps) await this.#run(step, resource, record);
  }

  async #run(step: Step, resource: SweepResource, record: SweepRecord): Promise<void> {
    const { options } = this.#parts;
    const { cluster } = options;
    const { namespace } = resource.metadata;
    switch (step.kind) {
      case 'create-job':
        return; // done
      case 'set-finalizers':
        await cluster.setFinalizers(resource, step.finalizers);
        return;
      case 'release':
        return this.#release(step, resource);
      case 'delete-results':
        this.#deleteResults(resource, record);
        return;
      case 'delete-job':
        return cluster.deleteJob(namespace, step.name, step.outlivesPods);
      case 'let-go':
        return this.#letGo(resource, record);
      case 'open-engine':
        this.#open(resource, record);
        return;
      case 'drain':
        return this.#drain(resource, record, step.taskClass, step.waves);
      case 'delete-sweep':
        return cluster.deleteSweep(resource);
      default:
        step satisfies never;
    }
  }

  async #release(step: Extract<Step, { kind: 'release' }>, resource: SweepResource): Promise<void> {
    const { options, deletions } = this.#parts;
    if (!(await options.cluster.setFinalizers(resource, step.finalizers))) return;
    deletions.forget(resource.metadata.uid);
    await options.cluster.tell(resource, step.type, step.reason, step.message);
  }

  #deleteResults(resource: SweepResource, record: SweepRecord): void {
    const { options, deletions, stores, wake } = this.#parts;
    const place = placeOf(resource, options.stores);
    if (place.kind === 'refused') return;
    const { location } = place.store;
    const { store, readiness } = stores.at(place.store);
    deletions.begin(resource.metadata.uid, { location, store, why: readiness.message, onEnd: () => wake(record.key) });
  }

  async #letGo(resource: SweepResource, record: SweepRecord): Promise<void> {
    const { options, holders, shares } = this.#parts;
    const { uid } = resource.metadata;
    record.dropEngine();
    record.poolsMemory = afterStop(record.poolsMemory);
    record.drained.clear();
    record.ensuredMs = -Infinity;
    holders.releaseAll(uid);
    shares.forget(uid);
    await options.stream.forget(uid).catch(() => undefined);
  }

  #open(resource: SweepResource, record: SweepRecord): void {
    const { options, stores, wake } = this.#parts;
    const { uid } = resource.metadata;
    const place = placeOf(resource, options.stores);
    if (place.kind === 'refused') return;
    const { location } = place.store;
    const { store } = stores.at(place.store);
    const admission = record.admissionOf(resource);
    if (store === undefined || admission?.kind !== 'admitted') return;
    const { plan } = admission;
    const { planDigest, counters } = resource.status ?? {};
    const cachedBefore = planDigest === plan.planDigest ? counters?.cached : undefined;
    const open = (signal: AbortSignal): Promise<SweepEngine> =>
      this.#slots.run(plan.cells.size, () => this.#openEngine({ uid, plan, store, cachedBefore }, location, signal));
    record.beginEngine(open, options.now, () => wake(record.key));
  }

  /**
   * Once the sweep's roots are written, no deletion takes a result that it wants; until then, no deletion may be under way.
   * @throws StoreUnavailableError
   */
  async #openEngine(
    of: Pick<EngineOptions, 'uid' | 'plan' | 'store' | 'cachedBefore'>,
    location: string,
    signal: AbortSignal,
  ): Promise<SweepEngine> {
    const { options, gate, holders } = this.#parts;
    const { uid, plan, store } = of;
    signal.throwIfAborted();
    const done = gate.planning(location);
    if (done === undefined)
      throw new StoreUnavailableError('results of another Sweep are being deleted there', { isTransient: true });
    try {
      await writeRoots(plan, store, uid);
    } finally {
      done();
    }
    const onBorrow = (from: string, tasks: number): void => {
      options.log('TasksLent', { uid, from, tasks });
    };
    return SweepEngine.open({ ...of, queue: options.stream, holders, now: options.now, onBorrow }, signal);
  }

  /** Tells the workers only when the set of draining waves has changed. */
  async #drain({ metadata }: SweepResource, record: SweepRecord, taskClass: TaskClass, waves: readonly string[]): Promise<void> {
    const control = { v: 1 as const, drainWaves: [...waves], pause: false };
    const text = JSON.stringify(control);
    if (record.drained.get(taskClass) === text) return;
    await this.#parts.options.stream.control({ sweep: metadata.uid, taskClass }, control);
    record.drained.set(taskClass, text);
  }
}
