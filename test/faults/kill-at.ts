/**
 * Preloaded into every process of a run: in the process with the role NCSWEEP_KILL_ROLE it counts steps (changes of the store's files;
 * messages, in the compute process) and kills with SIGKILL at the step numbered NCSWEEP_KILL_AT, only once, which the file
 * NCSWEEP_KILL_MARK ensures.
 */
import fs from 'node:fs';
import { Socket } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';
import process from 'node:process';

const programs: Readonly<Record<string, string>> = {
  parent: 'cli/main.ts',
  worker: 'worker/main.ts',
  compute: 'worker/compute.ts',
};

const { NCSWEEP_KILL_ROLE: role = '', NCSWEEP_KILL_AT: at = '0', NCSWEEP_KILL_MARK: mark = '' } = process.env;
/** `all`: the whole process group dies when the worker reaches the step. */
const program = programs[role === 'all' ? 'worker' : role];
let steps = 0;

function step(): void {
  steps += 1;
  if (steps !== Number(at)) return;
  try {
    fs.writeFileSync(mark, `${role} ${steps}`, { flag: 'wx' });
  } catch {
    return;
  }
  process.kill(role === 'all' ? 0 : process.pid, 'SIGKILL');
}

if (program !== undefined && process.argv[1]?.endsWith(program)) {
  if (role === 'compute') {
    const sockets = Socket.prototype as unknown as { write: (...args: unknown[]) => boolean };
    const { write } = sockets;
    sockets.write = function (this: unknown, ...args: unknown[]) {
      step();
      return write.apply(this, args);
    };
  } else {
    const files = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const name of ['openSync', 'linkSync', 'renameSync', 'unlinkSync', 'mkdirSync']) {
      const original = files[name]!;
      files[name] = (...args) => {
        step();
        const result = original(...args);
        if (name !== 'mkdirSync') step();
        return result;
      };
    }
    const promises = fs.promises as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    for (const name of ['open', 'rename', 'unlink', 'mkdir']) {
      const original = promises[name]!;
      promises[name] = async (...args) => {
        step();
        const result = await original(...args);
        if (name !== 'mkdir') step();
        return result;
      };
    }
    syncBuiltinESMExports();
  }
}
