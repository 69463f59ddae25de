/**
 * A compute program in Node (docs/compute-protocol.md): it runs one task after another for its supervisor and reaches store and stream only
 * through it.
 */
import { flushCompileCache } from 'node:module';
import { Socket } from 'node:net';
import process from 'node:process';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import { Link, type NamedBytes } from '@ncsweep/protocol/compute/link';
import { computeProtocol, type FromProgram, type Ready, toProgram, type ToProgram } from '@ncsweep/protocol/compute/messages';
import { taskDocument, type TaskDocument } from '@ncsweep/protocol/compute/task-document';
import { version } from '@ncsweep/protocol/version';
import { z } from 'zod';
import { classifyError } from './classify-failure.ts';
import { drawn } from './draw-probe.ts';
import { PendingCalls, remoteIo } from './remote-io.ts';
import { RefusedTaskError, TaskFailure, type TaskIo } from './task-io.ts';

type Welcome = Extract<ToProgram, { type: 'welcome' }>;

export interface Compute {
  readonly facts: Omit<Ready, 'type' | 'backend'>;
  /** @throws TaskFailure, RefusedTaskError */
  run(task: TaskDocument, io: TaskIo): Promise<void>;
}

/** `run` before its task is decoded, because a task that is not understood is refused and not an error of the protocol. */
const runMessage = z.object({ type: z.literal('run'), task: z.unknown() });
type Incoming = Exclude<ToProgram, { type: 'run' }> | z.infer<typeof runMessage>;

const decode = (header: unknown): Incoming => {
  const run = runMessage.safeParse(header);
  return run.success ? run.data : (toProgram.parse(header) as Exclude<ToProgram, { type: 'run' }>);
};

/** @param open is called once; if it fails, the device is unusable here @param program its name */
export async function serveCompute(open: (welcome: Welcome) => Promise<Compute>, program = 'ncsweep-node'): Promise<void> {
  ignoreSignals();
  const greeted = Promise.withResolvers<Welcome>();
  const link: Link<Incoming, FromProgram> = new Link({
    input: supervisorInput(),
    output: new Socket({ fd: 4 }),
    end: 'program',
    decode,
    onMessage: (message, payloads) => {
      if (message.type === 'welcome') greeted.resolve(message);
      else server.take(message, payloads);
    },
    onEnd: (trouble) => {
      if (trouble !== undefined)
        process.stderr.write(`the supervisor sent something that is not a message: ${trouble.message}\n`);
      process.exit(trouble === undefined ? 0 : 1);
    },
  });
  const server = new TaskServer(link);
  void link.send({ type: 'hello', protocols: [computeProtocol], program, version });
  const welcome = await greeted.promise;
  link.scratch = welcome.scratch;
  try {
    const compute = await open(welcome);
    server.compute = compute;
    void link.send({ type: 'ready', backend: welcome.backend, ...compute.facts });
  } catch (error) {
    void link.send({ type: 'unusable', message: error instanceof Error ? error.message : String(error) });
  }
  flushCompileCache(); // this process ends by being killed, not by exiting
}

/** Answers what comes after the greeting. */
class TaskServer {
  readonly #link: Link<Incoming, FromProgram>;
  readonly #calls: PendingCalls;
  #abort = new AbortController();
  compute: Compute | undefined;

  constructor(link: Link<Incoming, FromProgram>) {
    this.#link = link;
    this.#calls = new PendingCalls(link);
  }

  take(message: Exclude<Incoming, { type: 'welcome' }>, payloads: readonly NamedBytes[]): void {
    switch (message.type) {
      case 'run':
        void this.#run(message.task);
        return;
      case 'abort':
        this.#abort.abort();
        return;
      case 'answer':
        this.#calls.settle(message.id, (call) => call.resolve({ ...message, payloads }));
        return;
      case 'refusal':
        this.#calls.settle(message.id, (call) => call.reject(message.class, message.message));
        return;
      case 'draw':
        void this.#link.send({ type: 'drawn', id: message.id }, [{ name: 'draws', bytes: drawn(message) }]);
        return;
      default:
        message satisfies never;
    }
  }

  async #run(task: unknown): Promise<void> {
    this.#abort = new AbortController();
    await this.#link.send(await this.#outcome(task, this.#abort.signal));
  }

  async #outcome(task: unknown, signal: AbortSignal): Promise<FromProgram> {
    const parsed = taskDocument.safeParse(task);
    if (!parsed.success) return { type: 'refused', message: `unknown to this program: ${z.prettifyError(parsed.error)}` };
    try {
      await this.compute!.run(parsed.data, remoteIo(this.#link, this.#calls, signal));
      return { type: 'done' };
    } catch (error) {
      return failure(error, parsed.data.cells[0]!.cellId);
    }
  }
}

function failure(error: unknown, firstCell: string): FromProgram {
  if (error instanceof RefusedTaskError) return { type: 'refused', message: error.message };
  if (error instanceof TaskFailure) {
    const { failureClass, cellId, message, atStep } = error;
    const known = failureClass === 'timeout' ? 'unknown' : failureClass; // only a supervisor knows of deadlines
    const failed = { type: 'failed', class: known, cellId, message } as const;
    return atStep === undefined ? failed : { ...failed, atStep };
  }
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const failed = { type: 'failed', class: classifyError({ name, message }), cellId: firstCell, message } as const;
  return stack === undefined ? failed : { ...failed, trace: stack };
}

/** Descriptor 3, read by a thread. */
function supervisorInput(): Readable {
  const input = new Readable({ read: () => undefined });
  const thread = new Worker(new URL(import.meta.resolve('@ncsweep/worker/input-thread')));
  thread.on('message', (bytes: Uint8Array) => input.push(bytes));
  return input;
}

function ignoreSignals(): void {
  // The supervisor decides what a signal means; a terminal sends Ctrl-C to every process.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
