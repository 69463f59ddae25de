/** A worker's folder for files that nobody needs after it ends. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';

/** The host is in the name, because containers may share a folder but not process numbers. */
const prefix = `ncsweep-worker-${hostname()}-`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Makes the folder, and removes those of workers that were killed. */
export function makeScratchFolder(parent = tmpdir()): string {
  for (const name of readdirSync(parent).filter((each) => each.startsWith(prefix))) {
    if (!isAlive(Number(name.slice(prefix.length)))) rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  const folder = path.join(parent, `${prefix}${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
