/** What a figure depends on beside the code, without names of hosts or folders. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import process from 'node:process';

export function machine(): Record<string, string> {
  return {
    CPU: cpus()[0]?.model.trim() ?? 'unknown',
    cores: String(availableParallelism()),
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    system: `${type()} ${release().split('-')[0]}`,
    Node: process.versions.node,
  };
}
