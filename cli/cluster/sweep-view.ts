/** A Sweep on the cluster, shown as `ncsweep run` shows one: its status as counts, and the reports of its workers. */
import type { Counts } from '@ncsweep/orchestrator/engine/state/run-state';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { SweepResource } from '@ncsweep/orchestrator/cluster/decide/sweep-resource';
import type { SweepStatus } from '@ncsweep/protocol/status';
import type { RunOutput } from '../run-output.ts';
import { statusLine } from './table.ts';

/** The status counts cached cells as done and does not count waiting ones. */
export function countsOf({ counters }: SweepStatus): Counts | undefined {
  if (counters === undefined) return undefined;
  const { cells: total, done, cached, running, parked, blocked } = counters;
  const waiting = Math.max(0, total - done - running - parked - blocked);
  return { total, cached, done: Math.max(0, done - cached), running, waiting, parked, blocked };
}

export class SweepView {
  readonly #output: RunOutput;
  /** Prints a line while nothing is planned. */
  readonly #say: (line: string) => void;
  #generation = 0;
  #isPlanned = false;
  #said = '';

  constructor(output: RunOutput, say: (line: string) => void) {
    this.#output = output;
    this.#say = say;
  }

  /** @param planOf makes the plan of the current Sweep; if it fails, that is reported once and the status is shown without a plan */
  async see(resource: SweepResource, planOf: () => Promise<Plan>): Promise<void> {
    const { metadata, status = {} } = resource;
    const counts = countsOf(status);
    if (counts !== undefined && metadata.generation !== this.#generation && status.observedGeneration === metadata.generation) {
      this.#generation = metadata.generation;
      this.#isPlanned = await this.#plan(planOf, { status, counts, name: metadata.name });
    }
    if (!this.#isPlanned || counts === undefined) {
      this.#sayOnce(statusLine(resource), this.#say);
      return;
    }
    const { phase = 'Pending', reason = '' } = status;
    this.#sayOnce([metadata.name, phase, reason].filter(Boolean).join('   '), (text) => this.event({ kind: 'note', text }));
    this.event({ kind: 'progress', counts, etaSeconds: status.eta?.seconds });
  }

  /** Whether workers' reports can be shown under the sweep's own names. */
  get isPlanned(): boolean {
    return this.#isPlanned;
  }

  event(event: RunEvent): void {
    this.#output.event(event);
  }

  async #plan(
    planOf: () => Promise<Plan>,
    { status, counts, name }: { readonly status: SweepStatus; readonly counts: Counts; readonly name: string },
  ): Promise<boolean> {
    try {
      const plan = await planOf();
      this.#output.plan(plan);
      const workers = (status.pools ?? []).reduce((sum, pool) => sum + pool.workers, 0);
      this.event({ kind: 'started', sweep: name, backend: plan.backend, workers, counts });
      return true;
    } catch (error) {
      this.#say(`${error instanceof Error ? error.message : String(error)}. Only the status is shown`);
      return false;
    }
  }

  #sayOnce(text: string, say: (text: string) => void): void {
    if (text !== this.#said) say(text);
    this.#said = text;
  }
}
