/** Processes that end with the one that started them, whatever ends that: Ctrl-C, kill −9, a crash. */
import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import process from 'node:process';

/** Part of util-linux; elsewhere a process may outlive a parent that is killed with SIGKILL. */
const canBind = process.platform === 'linux' && spawnSync('setpriv', ['--version']).status === 0;

export function spawnBound(program: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = canBind
    ? spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], options)
    : spawn(program, [...args], options);
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  return child;
}
