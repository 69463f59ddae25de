/** Steps that may take long: each says what it does before it begins, and how long it took. */
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import process from 'node:process';

export interface Step {
  /** What it does, and how long that takes the first time. */
  readonly says: string;
  readonly run: () => Promise<void>;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** @param ms 75_000 @returns "1 min 15 s" */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export async function runSteps(steps: readonly Step[]): Promise<void> {
  const begin = performance.now();
  for (const [i, { says, run }] of steps.entries()) {
    say(`[${i + 1}/${steps.length}] ${says}`);
    const start = performance.now();
    await run();
    say(`      done in ${durationText(performance.now() - start)}`);
  }
  say(`${steps.length} steps in ${durationText(performance.now() - begin)}`);
}

/** Runs a program whose output people read. @throws naming the program when it fails */
export async function runProgram(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(program, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...environment } });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} cannot be started: ${error.message}`, { cause: error })));
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')} … ended with ${code ?? 'a signal'}`);
}
