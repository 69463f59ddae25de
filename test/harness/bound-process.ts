/** Processes that end with the one that started them, whatever ends that: Ctrl-C, kill −9, a crash. */
import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import process from 'node:process';

/** Part of util-linux; elsewhere a process may outlive a parent that is killed with SIGKILL. */
const canBind = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0;

const live = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of live) child.kill('SIGKILL');
});

export function spawnBound(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = canBind
    ? spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], options)
    : spawn(program, [...args], options);
  live.add(child);
  child.once('exit', () => live.delete(child));
  return child;
}
