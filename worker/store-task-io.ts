/**
 * TaskIo over a store: one attempt of one task. It knows which cell is being worked on, so that a crash can be attributed to
 * it, and keeps the store's own errors apart from the task's.
 */
import { encodeJson } from '@ncsweep/protocol/json-bytes';
import { keys } from '@ncsweep/protocol/keys';
import type { Task, TaskCell } from '@ncsweep/protocol/messages';
import { asKnownTask, versionsOfTask } from '@ncsweep/catalog/known-task';
import { identityOf, type PluginArchive } from '@ncsweep/catalog/plugins/archive';
import { pluginsOfTask, type UsedPlugin } from '@ncsweep/catalog/plugins/used-plugins';
import {
  type CommittedResult,
  type ConsumedInput,
  currentInputs,
  readResult,
  sameInputs,
} from '@ncsweep/protocol/store/committed-result';
import type { CellResult } from '@ncsweep/protocol/result';
import type { ObjectStore } from '@ncsweep/protocol/store/object-store';
import { latestCheckpoint, removeCheckpoints, saveCheckpoint } from './checkpoints.ts';
import { commitCell, type CommitRequest, type CommitVerdict } from './commit.ts';
import type { DiskCache } from './disk-cache.ts';
import { TaskInputs } from './task-inputs.ts';
import { type CellOutcome, type Checkpoint, type Progress, type TaskIo, TaskFailure } from './task-io.ts';

/** What is known about the compute process. */
export interface ComputeFacts {
  readonly versions: Readonly<Record<string, string>>;
  readonly device: string;
  readonly threads: number;
}

export interface Attempt {
  readonly attemptId: string;
  readonly task: Task;
  readonly worker: string;
  readonly node: string;
  readonly podUid: string | undefined;
  readonly buildId: string;
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly facts: ComputeFacts;
}

/** What an attempt reports while it runs. */
export interface AttemptListener {
  committed(cellId: string, verdict: CommitVerdict, computeMs: number): void;
  resumed(cellId: string, step: number): void;
  progress(cellId: string, progress: Progress): void;
  log(cellId: string, level: 'info' | 'warn', text: string): void;
}

export class StoreTaskIo implements TaskIo {
  readonly signal: AbortSignal;
  readonly #store: ObjectStore;
  readonly #inputs: TaskInputs;
  readonly #attempt: Attempt;
  readonly #listener: AttemptListener;
  readonly #now: () => number;
  /** Pending writes of each cell's start record; the cell's result waits for them. */
  readonly #started = new Map<string, Promise<void>>();
  /** Commits in progress, including what is written after each of them. */
  readonly #underWay: Promise<void>[] = [];
  /** The first commit that failed after its cell was handed over. */
  #failed: { readonly cellId: string; readonly error: Error } | undefined;
  /** Results as this attempt read them; its own results record these as their inputs. */
  readonly #read = new Map<string, CommittedResult>();
  /** Digests of the code of plug-ins, by identity. */
  readonly #code = new Map<string, string>();
  #current: string;
  #startMs: number;

  constructor(
    store: ObjectStore,
    attempt: Attempt,
    listener: AttemptListener,
    { signal, now, cache }: { signal: AbortSignal; now: () => number; cache: DiskCache | undefined },
  ) {
    this.signal = signal;
    this.#store = store;
    this.#inputs = new TaskInputs(store, cache);
    this.#attempt = attempt;
    this.#listener = listener;
    this.#now = now;
    this.#current = attempt.task.cells[0]!.cellId;
    this.#startMs = now();
  }

  /** The store's first error. It says more than the error that run-task may have wrapped it in. */
  trouble: Error | undefined;

  /** The cell being worked on, or the one whose commit failed. */
  get currentCell(): string {
    return this.#failed?.cellId ?? this.#current;
  }

  async isSettled(cellId: string): Promise<boolean> {
    if (await this.#store.head(keys.failure(cellId))) return true;
    const committed = await readResult(this.#store, cellId);
    if (committed) {
      const current = await currentInputs(this.#store, inputsOf(this.#cell(cellId)));
      if (current && sameInputs(committed.result.inputs, current)) return true;
    }
    void this.#start(cellId);
    return false;
  }

  async readArtifact(cellId: string, name: string): Promise<Uint8Array> {
    return this.#inputs.artifact(await this.#committed(cellId), name);
  }

  sourcePath(digest: string): Promise<string> {
    return this.#inputs.path(digest, this.#attempt.task.sources, this.#current);
  }

  async plugin(used: UsedPlugin): Promise<PluginArchive & UsedPlugin & { readonly code: string }> {
    const archive = await this.#inputs.plugin(used, this.#current);
    const code = identityOf(archive);
    this.#code.set(used.identity, code);
    return { ...archive, code };
  }

  async latestCheckpoint(cellId: string): Promise<Checkpoint | undefined> {
    const found = await latestCheckpoint(this.#store, cellId);
    if (found) this.#listener.resumed(cellId, found.step);
    return found;
  }

  async saveCheckpoint(cellId: string, checkpoint: Checkpoint): Promise<void> {
    this.#current = cellId;
    await this.#start(cellId);
    await saveCheckpoint(this.#store, cellId, this.#attempt.attemptId, checkpoint);
  }

  /**
   * Commits of evaluations run concurrently while the next cells are computed, so that their disk waits overlap. A training's weights are
   * large, so they are stored before it continues. @throws what an earlier commit threw
   */
  async commit(cellId: string, outcome: CellOutcome): Promise<void> {
    if (this.#failed) throw this.#failed.error;
    this.#current = cellId;
    const commit = this.#commit(this.#cell(cellId), outcome, this.#startMs);
    this.#startMs = this.#now();
    this.#underWay.push(commit);
    commit.catch((thrown: unknown) => {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown));
      this.#failed ??= { cellId, error };
      if (!(error instanceof TaskFailure)) this.trouble ??= error;
    });
    if (this.#cell(cellId).kind === 'snapshot') await commit;
  }

  /** Resolves when everything that the attempt wrote is in the store; its task must not be acknowledged before then. */
  async finish(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Resolves when all writes have ended, whether or not they succeeded. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  async #commit(cell: TaskCell, outcome: CellOutcome, startMs: number): Promise<void> {
    const { cellId, kind } = cell;
    const started = this.#start(cellId);
    const { expiresAt } = this.#attempt;
    const result = await this.#resultHead(cell);
    const verdict = await commitCell(this.#store, { result, outcome, startMs, expiresAt, started }, this.#now);
    this.#listener.committed(cellId, verdict, outcome.computeMs);
    const end = { v: 1, outcome: verdict === 'committed' ? 'committed' : 'duplicate' };
    await this.#store.put(keys.end(cellId, this.#attempt.attemptId), encodeJson(end));
    if (kind === 'snapshot') await removeCheckpoints(this.#store, cellId);
  }

  progress(cellId: string, progress: Progress): void {
    this.#current = cellId;
    this.#listener.progress(cellId, progress);
  }

  log(cellId: string, level: 'info' | 'warn', text: string): void {
    this.#listener.log(cellId, level, text);
  }

  now(): number {
    return this.#now();
  }

  #cell(cellId: string): TaskCell {
    const cell = this.#attempt.task.cells.find((each) => each.cellId === cellId);
    if (!cell) throw new TypeError(`cell ${cellId} is not of task ${this.#attempt.task.taskId}`);
    return cell;
  }

  #start(cellId: string): Promise<void> {
    const known = this.#started.get(cellId);
    if (known) return known;
    const { attemptId, task, worker, podUid, node, buildId, startedAt, expiresAt } = this.#attempt;
    if (this.#started.size === 0) this.#current = cellId;
    const start = { v: 1, taskId: task.taskId, worker, node, buildId, startedAt, expiresAt };
    const bytes = encodeJson(podUid === undefined ? start : { ...start, podUid });
    const written = this.#store.put(keys.start(cellId, attemptId), bytes);
    written.catch(() => undefined); // rethrown where the cell's result waits for it
    this.#started.set(cellId, written);
    return written;
  }

  async #committed(cellId: string): Promise<CommittedResult> {
    const known = this.#read.get(cellId) ?? (await readResult(this.#store, cellId));
    if (!known)
      throw new TaskFailure('infrastructure', this.#current, `the result of cell ${cellId}, an input, is not in the store`);
    this.#read.set(cellId, known);
    return known;
  }

  async #resultHead(cell: TaskCell): Promise<CommitRequest['result']> {
    const { cellId } = cell;
    const inputs: ConsumedInput[] = [];
    for (const input of inputsOf(cell)) {
      inputs.push({ cellId: input, resultSha256: (await this.#committed(input)).resultSha256 });
    }
    const { attemptId, task, facts, buildId } = this.#attempt;
    const numerics = { ...task.numerics, ...facts, versions: { ...facts.versions } };
    const { snapshot, evaluate } = versionsOfTask(asKnownTask(task));
    const scienceVersions = { ...(evaluate ?? snapshot) };
    const head = { v: 1, cellId, kind: cell.kind, attemptId, inputs, numerics, scienceVersions, buildId } as const;
    const code = this.#codeOf(cell);
    return code === undefined ? head : { ...head, code };
  }

  /** The code that ids do not name. */
  #codeOf({ cellId }: TaskCell): CellResult['code'] {
    const known = asKnownTask(this.#attempt.task);
    const used = pluginsOfTask({ ...known, cells: known.cells.filter((each) => each.cellId === cellId) });
    const pairs = used.map(({ identity }) => [identity, this.#code.get(identity) ?? identity] as const);
    const unnamed = pairs.filter(([identity, code]) => identity !== code);
    return unnamed.length === 0 ? undefined : Object.fromEntries(unnamed);
  }
}

const inputsOf = (cell: TaskCell): readonly string[] => (cell.kind === 'evaluate' ? cell.inputs : []);
