/** TaskIo of a compute program: each call is a message to the supervisor, and its answer another. */
import type { Link, NamedBytes } from '@ncsweep/protocol/compute/link';
import type { ComputeCall, FromProgram, ToProgram } from '@ncsweep/protocol/compute/messages';
import type { FailureClass } from '@ncsweep/protocol/result';
import { TaskFailure, type TaskIo } from './task-io.ts';

type Answer = Omit<Extract<ToProgram, { type: 'answer' }>, 'payloads'> & { readonly payloads: readonly NamedBytes[] };
type Distribute<T> = T extends unknown ? Omit<T, 'type' | 'id' | 'payloads'> : never;
type Sending = Pick<Link<never, FromProgram>, 'send' | 'removeFiles'>;

interface PendingCall {
  resolve(answer: Answer): void;
  reject(failureClass: FailureClass, message: string): void;
}

export class PendingCalls {
  readonly #link: Sending;
  readonly #pending = new Map<number, PendingCall>();
  #next = 1;

  constructor(link: Sending) {
    this.#link = link;
  }

  async call(call: Distribute<ComputeCall>, payloads: readonly NamedBytes[] = []): Promise<Answer> {
    const id = this.#next++;
    const answered = new Promise<Answer>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject: (failed, message) => reject(new TaskFailure(failed, call.cellId, message)) });
    });
    await this.#link.send({ type: 'call', id, ...call }, payloads);
    try {
      return await answered;
    } finally {
      // Files of another call may still be read while one is unanswered.
      if (this.#pending.size === 0) await this.#link.removeFiles();
    }
  }

  settle(id: number, how: (call: PendingCall) => void): void {
    const call = this.#pending.get(id);
    this.#pending.delete(id);
    if (call) how(call);
  }
}

export const remoteIo = (link: Sending, calls: PendingCalls, signal: AbortSignal): TaskIo => ({
  signal,
  isSettled: async (cellId) => (await calls.call({ call: 'isSettled', cellId })).settled === true,
  readArtifact: async (cellId, name) => (await calls.call({ call: 'readArtifact', cellId, name })).payloads[0]!.bytes,
  latestCheckpoint: async (cellId) => {
    const { step, payloads } = await calls.call({ call: 'latestCheckpoint', cellId });
    return step === undefined ? undefined : { step, parts: payloads };
  },
  saveCheckpoint: async (cellId, { step, parts }) => {
    await calls.call({ call: 'saveCheckpoint', cellId, step }, parts);
  },
  commit: async (cellId, { artifacts, scalars, attackTiming, computeMs }) => {
    const outcome = { scalars: allFinite(cellId, scalars), computeMs, ...(attackTiming && { attackTiming }) };
    await calls.call({ call: 'commit', cellId, ...outcome }, artifacts);
  },
  progress: (cellId, { values, ...rest }) => void link.send({ type: 'progress', cellId, values: finite(values), ...rest }),
  log: (cellId, level, text) => void link.send({ type: 'log', cellId, level, text }),
  now: Date.now,
});

function allFinite(cellId: string, scalars: Readonly<Record<string, number>>): Record<string, number> {
  const [wrong] = Object.entries(scalars).filter(([, value]) => !Number.isFinite(value));
  if (wrong) throw new TaskFailure('nonFiniteLoss', cellId, `${wrong[0]} became ${wrong[1]}`);
  return { ...scalars };
}

/** JSON has no other numbers. */
const finite = (values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
