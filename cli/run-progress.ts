/** What a terminal shows of a run: a state that events change, and its lines. */
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { Counts } from '@ncsweep/orchestrator/engine/state/run-state';
import type { TaskRecord } from '@ncsweep/protocol/messages';

interface WorkerLine {
  readonly taskId: string;
  readonly cellId: string;
  readonly detail: string;
  readonly resumed: string;
}

/** 80 → "1m20s" */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60] as const;
  const [hours, minutes, rest] = parts;
  if (hours > 0) return `${hours}h${String(minutes).padStart(2, '0')}m`;
  return minutes > 0 ? `${minutes}m${String(rest).padStart(2, '0')}s` : `${rest}s`;
}

const barWidth = 20;
const bar = (share: number): string => '█'.repeat(Math.floor(share * barWidth)).padEnd(barWidth, '░');

const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

export function detailOf(record: Extract<TaskRecord, { kind: 'progress' }>): string {
  const epoch = record.epoch === undefined ? '' : `epoch ${Math.floor(record.epoch)}/${record.epochs ?? '?'}   `;
  const values = Object.entries(record.values).map(([name, value]) => `${name} ${number(value)}`);
  return epoch + values.join('  ');
}

export class RunProgress {
  readonly #plan: Plan;
  readonly #label: ReturnType<typeof cellLabels>;
  readonly #workers = new Map<string, WorkerLine>();
  #counts: Counts | undefined;
  #etaSeconds: number | undefined;
  #lostRecords = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#label = cellLabels(plan);
  }

  label(cellId: string): string {
    const cell = this.#plan.cells.get(cellId);
    return cell === undefined ? cellId.slice(0, 12) : this.#label(cell);
  }

  see(event: RunEvent): void {
    switch (event.kind) {
      case 'started':
        this.#counts = event.counts;
        break;
      case 'progress':
        this.#counts = event.counts;
        this.#etaSeconds = event.etaSeconds;
        break;
      case 'record':
        this.#seeRecord(event.worker, event.record);
        break;
      case 'records-lost':
        this.#lostRecords += event.count;
        break;
      case 'worker-ended':
        this.#workers.delete(event.worker);
        break;
      case 'stream':
      case 'note':
        break;
      default:
        event satisfies never;
    }
  }

  #seeRecord(worker: string, record: TaskRecord): void {
    const { cellId, taskId } = record;
    // Whoever had the task before was killed.
    for (const [other, line] of this.#workers) if (line.taskId === taskId && other !== worker) this.#workers.delete(other);
    const known = this.#workers.get(worker);
    const before = known?.cellId === cellId ? known : { taskId, cellId, detail: '', resumed: '' };
    if (record.kind === 'progress') this.#workers.set(worker, { ...before, detail: detailOf(record) });
    else if (record.kind === 'attempt')
      this.#workers.set(
        worker,
        record.state === 'resumed' ? { ...before, resumed: `resumed ${record.text ?? ''}`.trimEnd() } : before,
      );
  }

  /** "58 %   2 running · 96 done · …" */
  get summary(): string {
    if (this.#counts === undefined) return 'starting';
    const { total, cached, done, running, waiting, parked, blocked } = this.#counts;
    const share = total === 0 ? 1 : (cached + done) / total;
    const parts = [`${running} running`, `${done} done`, `${waiting} waiting`, `${parked} parked`, `${cached} cached`];
    if (blocked > 0) parts.push(`${blocked} blocked`);
    if (this.#lostRecords > 0) parts.push(`${this.#lostRecords} records lost`);
    const eta = this.#etaSeconds === undefined || waiting + running === 0 ? '' : `   ETA ${clock(this.#etaSeconds)}`;
    return `${String(Math.floor(share * 100)).padStart(3)} %   ${parts.join(' · ')}${eta}`;
  }

  get share(): number {
    return this.#counts === undefined || this.#counts.total === 0
      ? 0
      : (this.#counts.cached + this.#counts.done) / this.#counts.total;
  }

  /** The picture of a terminal, one line a worker. */
  lines(columns: number): string[] {
    const workers = [...this.#workers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([worker, { cellId, detail, resumed }]) => {
        const kind = this.#plan.cells.get(cellId)?.kind === 'snapshot' ? 'train   ' : 'evaluate';
        return `  ${worker}  ${kind} ${this.label(cellId)}   ${[detail, resumed].filter(Boolean).join('   ')}`;
      });
    const head = `${this.#plan.sweep.name}  ${bar(this.share)} ${this.summary}`;
    return [head, ...workers].map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
  }
}
