/** A compute program under test, with a supervisor whose store is in memory. */
import { mkdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildProgram, type ProgramEnd } from '@ncsweep/protocol/compute/child-program';
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import type { ComputeCall, FromProgram, Ready, ToProgram } from '@ncsweep/protocol/compute/messages';
import type { TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { ContractError } from './contract-error.ts';

export interface SessionOptions {
  readonly command: readonly string[];
  readonly backend: string;
  readonly threads: number;
  readonly scratch: string;
}

type Message<T extends FromProgram['type']> = Extract<FromProgram, { type: T }>;

export interface Commit {
  readonly scalars: Readonly<Record<string, number>>;
  readonly attackTiming?: string | undefined;
  readonly artifacts: ReadonlyMap<string, Uint8Array>;
}

export interface Saved {
  readonly cellId: string;
  readonly step: number;
  readonly parts: readonly NamedBytes[];
}

/** How a task ended, and everything that the program did on the way. */
export interface Outcome {
  readonly end: 'done' | 'failed' | 'refused' | 'died';
  readonly failure?: Message<'failed'>;
  /** Of a refusal, or how the program died. */
  readonly message: string;
  readonly commits: ReadonlyMap<string, Commit>;
  readonly checkpoints: readonly Saved[];
  readonly progress: readonly Message<'progress'>[];
  readonly calls: readonly ComputeCall[];
  readonly ms: number;
}

export interface RunOptions {
  /** Artifacts of committed cells. */
  readonly artifacts?: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>;
  readonly settled?: ReadonlySet<string>;
  readonly checkpoint?: Saved;
  /** Called with each call before it is answered. @returns a class to refuse it with */
  readonly onCall?: (call: ComputeCall, session: Session) => 'infrastructure' | undefined;
  /** Called when the task has been sent. */
  readonly onRun?: (session: Session) => void;
}

/** A task of the contract may take this long, ms. */
const taskLimitMs = 120_000;
const startLimitMs = 300_000;

export class Session {
  readonly #child: ChildProgram;
  readonly hello: Message<'hello'>;
  readonly ready: Ready;

  private constructor(child: ChildProgram, hello: Message<'hello'>, ready: Ready) {
    this.#child = child;
    this.hello = hello;
    this.ready = ready;
  }

  /** @throws ContractError */
  static async start({ command, backend, threads, scratch }: SessionOptions): Promise<Session> {
    mkdirSync(scratch, { recursive: true });
    const printed: string[] = [];
    const child = new ChildProgram(command, { onOutput: (text) => printed.push(text) });
    const said = Promise.withResolvers<Message<'hello'>>();
    const opened = Promise.withResolvers<Ready>();
    opened.promise.catch(() => undefined);
    child.listen((message) => {
      if (message.type === 'hello') said.resolve(message);
      else if (message.type === 'ready') opened.resolve(message);
      else opened.reject(new ContractError(`${message.type} before it was ready: ${JSON.stringify(message)}`));
    });
    const gone = child.ended.then(({ nonsense, exitCode, signal }) => {
      const text = nonsense ? `it sent ${nonsense.message}` : `it ended with ${signal ?? exitCode}`;
      throw new ContractError(`${text} before it was ready\n${printed.join('').slice(-2000)}`);
    });
    gone.catch(() => undefined);
    const hello = await within(startLimitMs, 'hello', Promise.race([said.promise, gone]));
    child.link.scratch = scratch;
    await child.link.send({ type: 'welcome', protocol: 1, backend, threads, scratch });
    const ready = await within(startLimitMs, 'ready', Promise.race([opened.promise, gone]));
    return new Session(child, hello, ready);
  }

  get isAlive(): boolean {
    return this.#child.isAlive;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  send(message: ToProgram): Promise<void> {
    return this.#child.link.send(message);
  }

  /** Bytes as they are. */
  write(bytes: Uint8Array): void {
    this.#child.pipe.write(bytes);
  }

  /** Ends descriptor 3, as the death of a supervisor does. */
  hangUp(): void {
    this.#child.pipe.destroy();
  }

  /** @returns how the process ended; undefined if it did not within the time */
  endedWithin(ms: number): Promise<ProgramEnd | undefined> {
    const limit = pause(ms, undefined, { ref: false });
    return Promise.race([this.#child.ended, limit]);
  }

  kill(): void {
    this.#child.kill();
  }

  async draw(what: Extract<ToProgram, { type: 'draw' }>['what'], seed: number, purpose: string, index: number, count: number) {
    const drawn = new Promise<Uint8Array>((resolve) => {
      this.#child.listen((message, payloads) => {
        if (message.type === 'drawn' && message.id === 41) resolve(payloads[0]?.bytes ?? new Uint8Array());
      });
    });
    await this.send({ type: 'draw', id: 41, what, seed, purpose, index, count });
    return within(30_000, 'drawn', drawn);
  }

  /** Runs a task, however wrong it is. */
  async run(task: unknown, options: RunOptions = {}): Promise<Outcome> {
    const startMs = Date.now();
    const commits = new Map<string, Commit>();
    const checkpoints: Saved[] = [];
    const progress: Message<'progress'>[] = [];
    const calls: ComputeCall[] = [];
    const seen = { commits, checkpoints, progress, calls };
    const ended = new Promise<Pick<Outcome, 'end' | 'message' | 'failure'>>((resolve) => {
      this.#child.listen((message, payloads) => {
        if (message.type === 'call') {
          calls.push(message);
          if (message.call === 'commit') commits.set(message.cellId, { ...message, artifacts: named(payloads) });
          if (message.call === 'saveCheckpoint')
            checkpoints.push({ cellId: message.cellId, step: message.step, parts: payloads });
          const [answer, found] = this.#answer(message, options, commits);
          void this.#child.link.send(answer, found);
        } else if (message.type === 'progress') progress.push(message);
        else if (message.type === 'done') resolve({ end: 'done', message: '' });
        else if (message.type === 'failed') resolve({ end: 'failed', failure: message, message: message.message });
        else if (message.type === 'refused') resolve({ end: 'refused', message: message.message });
      });
      void this.#child.ended.then(({ exitCode, signal, nonsense }) =>
        resolve({ end: 'died', message: nonsense?.message ?? String(signal ?? exitCode) }),
      );
    });
    await this.send({ type: 'run', task: task as TaskDocument });
    options.onRun?.(this);
    try {
      return { ...(await within(taskLimitMs, 'the end of a task', ended)), ...seen, ms: Date.now() - startMs };
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  #answer(
    call: ComputeCall,
    { artifacts, settled, checkpoint, onCall }: RunOptions,
    commits: ReadonlyMap<string, Commit>,
  ): [ToProgram, readonly NamedBytes[]] {
    const { id, cellId } = call;
    const refused = onCall?.(call, this);
    if (refused) return [{ type: 'refusal', id, class: refused, message: 'refused by the contract test' }, []];
    if (call.call === 'isSettled') return [{ type: 'answer', id, settled: settled?.has(cellId) ?? false }, []];
    if (call.call === 'latestCheckpoint' && checkpoint?.cellId === cellId)
      return [{ type: 'answer', id, step: checkpoint.step }, checkpoint.parts];
    if (call.call !== 'readArtifact') return [{ type: 'answer', id }, []];
    return artifactAnswer(call, artifacts?.get(cellId) ?? commits.get(cellId)?.artifacts);
  }
}

type ReadCall = Extract<ComputeCall, { call: 'readArtifact' }>;

function artifactAnswer(
  { id, cellId, name }: ReadCall,
  artifacts: ReadonlyMap<string, Uint8Array> | undefined,
): [ToProgram, readonly NamedBytes[]] {
  const bytes = artifacts?.get(name);
  if (bytes) return [{ type: 'answer', id }, [{ name, bytes }]];
  return [{ type: 'refusal', id, class: 'infrastructure', message: `cell ${cellId} has no artifact ${name}` }, []];
}

const named = (payloads: readonly NamedBytes[]): ReadonlyMap<string, Uint8Array> =>
  new Map(payloads.map(({ name, bytes }) => [name, bytes]));

async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const limit = new AbortController();
  const late = pause(ms, undefined, { signal: limit.signal }).then(() => {
    throw new ContractError(`no ${what} within ${ms / 1000} s`);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    limit.abort();
    late.catch(() => undefined);
  }
}
