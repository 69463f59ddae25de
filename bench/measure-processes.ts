/** Time, processor time and memory of a command with all its processes (processes.py; Linux). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const taken = z.object({ seconds: z.number(), processorSeconds: z.number(), mainMiB: z.number(), allMiB: z.number() });

export interface Measured extends z.infer<typeof taken> {
  /** What the command printed. */
  readonly stdout: string;
}

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  /** When its processes are ended, ms; default: never. */
  readonly timeout?: number;
}

const program = new URL('processes.py', import.meta.url).pathname;

/** @throws when the command fails or takes too long */
export async function measureProcesses(command: readonly string[], options: Options = {}): Promise<Measured> {
  const { stdout } = await promisify(execFile)('python3', [program, ...command], { ...options, maxBuffer: 1 << 28 });
  const lines = stdout.trimEnd().split('\n');
  return { ...taken.parse(JSON.parse(lines.pop() ?? '')), stdout: lines.join('\n') };
}
