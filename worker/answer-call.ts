/** Answers a call of a compute program. */
import type { NamedBytes } from '@ncsweep/protocol/compute/link';
import type { ComputeCall, ToProgram } from '@ncsweep/protocol/compute/messages';
import { TaskFailure, type TaskIo } from './task-io.ts';

interface Answered {
  readonly answer: ToProgram;
  readonly payloads?: readonly NamedBytes[];
}

/** What answers: TaskIo, and where errors that are not the task's are kept. */
type CallIo = Omit<TaskIo, 'signal'> & { trouble: Error | undefined };

/** Never rejects: what goes wrong is a refusal. */
export async function answerCall(call: ComputeCall, payloads: readonly NamedBytes[], io: CallIo): Promise<Answered> {
  const { id } = call;
  try {
    const { payloads: found, ...values } = await valueOf(call, payloads, io);
    return { answer: { type: 'answer', id, ...values }, ...(found && { payloads: found }) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!(error instanceof TaskFailure)) io.trouble ??= error;
    const failureClass = error instanceof TaskFailure && error.failureClass !== 'timeout' ? error.failureClass : 'infrastructure';
    return { answer: { type: 'refusal', id, class: failureClass, message: error.message } };
  }
}

interface Value {
  readonly settled?: boolean;
  readonly step?: number;
  readonly payloads?: readonly NamedBytes[];
}

async function valueOf(call: ComputeCall, payloads: readonly NamedBytes[], io: CallIo): Promise<Value> {
  const { cellId } = call;
  switch (call.call) {
    case 'isSettled':
      return { settled: await io.isSettled(cellId) };
    case 'readArtifact':
      return { payloads: [{ name: call.name, bytes: await io.readArtifact(cellId, call.name) }] };
    case 'latestCheckpoint': {
      const found = await io.latestCheckpoint(cellId);
      return found ? { step: found.step, payloads: found.parts } : {};
    }
    case 'saveCheckpoint':
      await io.saveCheckpoint(cellId, { step: call.step, parts: payloads });
      return {};
    case 'commit': {
      const { scalars, attackTiming, computeMs } = call;
      await io.commit(cellId, { artifacts: payloads, scalars, computeMs, ...(attackTiming && { attackTiming }) });
      return {};
    }
    default:
      return call satisfies never;
  }
}
