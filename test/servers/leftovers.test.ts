/** A test run that is cut short, in whatever way, leaves no process behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';

const program = fileURLToPath(new URL('../harness/hold-servers.ts', import.meta.url));

/** The children of a process, and theirs. */
async function descendants(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const own = children.split(' ').filter(Boolean).map(Number);
  return [...own, ...(await Promise.all(own.map(descendants))).flat()];
}

/** Zombies that nobody has waited for yet do not count. */
async function lives(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return status !== '' && !/^State:\s+[ZX]/m.test(status);
}

it.runIf(process.platform === 'linux').each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)('after %s', async (signal) => {
  const run = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(run.stdout, 'data');
  // Two servers, a worker's supervisor and its compute process.
  const started = await vi.waitFor(async () => {
    const found = await descendants(run.pid!);
    expect(found).toHaveLength(4);
    return found;
  }, 120_000);
  const ended = once(run, 'exit');
  run.kill(signal);
  await ended;
  const left = async (): Promise<number[]> => {
    const living = await Promise.all(started.map(async (pid) => ((await lives(pid)) ? pid : 0)));
    return living.filter((pid) => pid > 0);
  };
  await vi.waitFor(async () => expect(await left()).toEqual([]), 120_000);
});
