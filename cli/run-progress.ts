/** What a terminal shows of a run: a state that events change, and its lines. */
import { cellLabels } from '@ncsweep/orchestrator/planning/plan/cell-label';
import type { Plan } from '@ncsweep/orchestrator/planning/plan/plan';
import type { RunEvent } from '@ncsweep/orchestrator/engine/local/run-event';
import type { Counts } from '@ncsweep/orchestrator/engine/state/run-state';
import type { TaskRecord } from '@ncsweep/protocol/messages';

interface WorkerLine {
  readonly taskId: string;
  readonly cellId: string;
  /** "epoch 3/80" */
  readonly epoch: string;
  /** "loss 0.21  accuracy 0.9" */
  readonly values: string;
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

type Progress = Extract<TaskRecord, { kind: 'progress' }>;

const epochOf = ({ epoch, epochs }: Progress): string =>
  epoch === undefined ? '' : `epoch ${Math.floor(epoch)}/${epochs ?? '?'}`;

const valuesOf = ({ values }: Progress): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join('  ');

/** "epoch 3/80   loss 0.21  accuracy 0.9" */
export const detailOf = (record: Progress): string => [epochOf(record), valuesOf(record)].filter(Boolean).join('   ');

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
    // The worker that had the task before was killed.
    for (const [other, line] of this.#workers) if (line.taskId === taskId && other !== worker) this.#workers.delete(other);
    const known = this.#workers.get(worker);
    const before = known?.cellId === cellId ? known : { taskId, cellId, epoch: '', values: '', resumed: '' };
    // Within an epoch only its number is reported, so the previous epoch's loss stays.
    const { epoch, values } = before;
    if (record.kind === 'progress')
      this.#workers.set(worker, { ...before, epoch: epochOf(record) || epoch, values: valuesOf(record) || values });
    else if (record.kind === 'attempt')
      this.#workers.set(
        worker,
        record.state === 'resumed' ? { ...before, resumed: `resumed ${record.text ?? ''}`.trimEnd() } : before,
      );
  }

  /** "58 %   ETA 9s   2 running · 135 waiting · 96 done": the most important part comes first, and zero counts are left out. */
  get summary(): string {
    return this.#parts.join('');
  }

  /** The summary in pieces, each with its leading separator. */
  get #parts(): string[] {
    if (this.#counts === undefined) return ['starting'];
    const { total, cached, done, running, waiting, parked, blocked } = this.#counts;
    const share = total === 0 ? 1 : (cached + done) / total;
    const isOver = waiting + running === 0;
    // Less than half a second would be told as none, while workers are still starting.
    const eta = this.#etaSeconds === undefined || this.#etaSeconds < 0.5 || isOver ? [] : [`   ETA ${clock(this.#etaSeconds)}`];
    const counts = { running, parked, blocked, waiting, done, cached, 'records lost': this.#lostRecords };
    const said = Object.entries(counts).filter(([, count]) => count > 0);
    return [
      `${String(Math.floor(share * 100)).padStart(3)} %`,
      ...eta,
      ...said.map(([name, count], i) => `${i === 0 ? '   ' : ' · '}${count} ${name}`),
    ];
  }

  get share(): number {
    return this.#counts === undefined || this.#counts.total === 0
      ? 0
      : (this.#counts.cached + this.#counts.done) / this.#counts.total;
  }

  /** "w1 ST seed 2 epoch 80, epoch 3/80": what each worker is training, because that can take long without any count changing. */
  get workers(): string[] {
    return [...this.#workers]
      .filter(([, { epoch }]) => epoch !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([worker, { cellId, epoch }]) => `${worker} ${this.label(cellId)}, ${epoch}`);
  }

  /** The lines that a terminal shows, one per worker. */
  lines(columns: number): string[] {
    const workers = [...this.#workers]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([worker, { cellId, epoch, values, resumed }]) => {
        const kind = this.#plan.cells.get(cellId)?.kind === 'snapshot' ? 'train   ' : 'evaluate';
        return `  ${worker}  ${kind} ${this.label(cellId)}   ${[epoch, values, resumed].filter(Boolean).join('   ')}`;
      });
    return [this.#head(columns), ...workers].map((line) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line));
  }

  /** As much as fits, in whole pieces: the bar is dropped first, then the name, then the last counts. */
  #head(columns: number): string {
    const { name } = this.#plan.sweep;
    const parts = this.#parts;
    const candidates = [`${name}  ${bar(this.share)} ${this.summary}`, `${name} ${this.summary}`, this.summary.trimStart()];
    const whole = candidates.find((line) => line.length <= columns);
    if (whole !== undefined) return whole;
    let line = parts[0]!.trimStart();
    for (const part of parts.slice(1)) {
      if (line.length + part.length > columns) break;
      line += part;
    }
    return line;
  }
}
