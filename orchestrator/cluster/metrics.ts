/** Metrics for Prometheus. Labels are bounded: a Sweep's series end with it, and no cell or pod has one. */
import type { StreamEvent } from '@ncsweep/protocol/stream/stream';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EngineStatus } from '../engine/queue/sweep-engine.ts';

export interface SweepLabels {
  readonly namespace: string;
  readonly sweep: string;
}

const ofSweep = ['namespace', 'sweep'] as const;

export class Metrics {
  readonly #registry = new Registry();
  readonly #leader = new Gauge({ name: 'ncsweep_leader', help: '1 while this replica leads', registers: [this.#registry] });
  readonly #passes = new Histogram({
    name: 'ncsweep_reconcile_seconds',
    help: 'Duration of a pass over one Sweep',
    registers: [this.#registry],
    buckets: [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
  });
  readonly #cells = new Gauge({
    name: 'ncsweep_cells',
    help: 'Cells of a Sweep by state',
    registers: [this.#registry],
    labelNames: [...ofSweep, 'state'],
  });
  readonly #queued = new Gauge({
    name: 'ncsweep_queued_tasks',
    help: 'Tasks in the work queue',
    registers: [this.#registry],
    labelNames: [...ofSweep, 'class'],
  });
  readonly #attempts = new Counter({
    name: 'ncsweep_attempts_ended_total',
    help: 'Attempts that ended without a result',
    registers: [this.#registry],
    labelNames: [...ofSweep, 'class', 'outcome'],
  });
  readonly #commits = new Counter({
    name: 'ncsweep_commits_total',
    help: 'Results that workers reported as committed',
    registers: [this.#registry],
    labelNames: [...ofSweep],
  });
  readonly #compute = new Counter({
    name: 'ncsweep_compute_seconds_total',
    help: 'Time that committed cells took on their device',
    registers: [this.#registry],
    labelNames: [...ofSweep],
  });
  readonly #statusWrites = new Counter({
    name: 'ncsweep_status_writes_total',
    help: "Writes of a Sweep's status",
    registers: [this.#registry],
    labelNames: [...ofSweep],
  });

  readonly #gpuSeconds = new Counter({
    name: 'ncsweep_gpu_seconds_total',
    help: 'Time that running pods held GPUs, times their number',
    registers: [this.#registry],
    labelNames: [...ofSweep],
  });
  readonly #apiCalls = new Counter({
    name: 'ncsweep_api_calls_total',
    help: 'Requests to the API server',
    registers: [this.#registry],
    labelNames: ['verb', 'resource', 'code'],
  });

  readonly #overdue = new Gauge({
    name: 'ncsweep_overdue_sweeps',
    help: 'Sweeps whose pass has waited for those of others for more than five seconds',
    registers: [this.#registry],
  });
  readonly #unreachable = new Gauge({
    name: 'ncsweep_unreachable_stores',
    help: 'Store locations of Sweeps that cannot be used',
    registers: [this.#registry],
  });

  readonly #planned = new Gauge({
    name: 'ncsweep_planned_cells',
    help: 'Cells of all plans that the orchestrator holds in memory',
    registers: [this.#registry],
  });

  readonly #lostEvents = new Counter({
    name: 'ncsweep_events_lost_total',
    help: 'Gaps in the sequence of events from NATS',
    registers: [this.#registry],
  });

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  leads(): void {
    this.#leader.set(1);
  }

  /** Call it when a pass begins. @returns a function to call when the pass ends */
  pass(): () => void {
    return this.#passes.startTimer();
  }

  load({ overdue, unreachableStores, cells }: Readonly<Record<'overdue' | 'unreachableStores' | 'cells', number>>): void {
    this.#planned.set(cells);
    this.#overdue.set(overdue);
    this.#unreachable.set(unreachableStores);
  }

  lostEvents(count: number): void {
    this.#lostEvents.inc(count);
  }

  apiCall({ verb, resource, code }: Readonly<Record<'verb' | 'resource' | 'code', string>>): void {
    this.#apiCalls.inc({ verb, resource, code });
  }

  /** @param seconds since the last call */
  heldGpus(labels: SweepLabels, gpus: number, seconds: number): void {
    this.#gpuSeconds.inc({ ...labels }, gpus * seconds);
  }

  wroteStatus(labels: SweepLabels): void {
    this.#statusWrites.inc({ ...labels });
  }

  sweep(labels: SweepLabels, { counts, queued }: EngineStatus): void {
    const { cached, done, running, waiting, parked, blocked } = counts;
    for (const [state, count] of Object.entries({ cached, done, running, waiting, parked, blocked }))
      this.#cells.set({ ...labels, state }, count);
    for (const [taskClass, count] of Object.entries(queued)) this.#queued.set({ ...labels, class: taskClass }, count);
  }

  event(labels: SweepLabels, event: StreamEvent): void {
    if (event.kind === 'committed') {
      this.#commits.inc({ ...labels });
      this.#compute.inc({ ...labels }, event.computeMs / 1000);
    }
    if (event.kind === 'attempt-ended') this.#attempts.inc({ ...labels, class: event.class, outcome: event.outcome });
  }

  /** Removes the series of a Sweep that is gone. */
  async forget({ namespace, sweep }: SweepLabels): Promise<void> {
    for (const metric of await this.#registry.getMetricsAsJSON()) {
      const own = this.#registry.getSingleMetric(metric.name);
      if (!(own instanceof Gauge || own instanceof Counter)) continue;
      for (const { labels } of metric.values)
        if (labels['namespace'] === namespace && labels['sweep'] === sweep) own.remove(labels as Record<string, string>);
    }
  }
}
