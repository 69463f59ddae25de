/** A Python with NumPy: this machine's, or one that is installed into the cache once. */
import { execFileSync } from 'node:child_process';
import { peerPython } from '../../bench/peers/peer-python.ts';

function hasNumpy(python: string): boolean {
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
}

/** @returns path of the interpreter; undefined if there is none and none can be installed */
export function numpyPython(): string | undefined {
  if (hasNumpy('python3')) return 'python3';
  try {
    return peerPython('numpy');
  } catch {
    return undefined;
  }
}
