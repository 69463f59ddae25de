/** How many workers this machine has room for. */
import { availableParallelism, totalmem } from 'node:os';
import process from 'node:process';

const gigabyte = 1e9;

/** Memory that a worker needs beside others, in bytes: its two processes, the network and batches of small images. */
const workerBytes = 1.5 * gigabyte;

/** Workers that share one GPU: one prepares and commits while the other computes. */
const gpuWorkers = 2;

export interface MachineSize {
  /** Worker processes that run well side by side: one per core, as far as memory allows. */
  readonly workers: number;
  /** "4 cores, 16.8 GB of memory" */
  readonly text: string;
}

/** @param cores that this process may use; @param bytes of memory that it may use */
export function sizeOf(cores: number, bytes: number): MachineSize {
  const workers = Math.max(1, Math.min(cores, Math.floor(bytes / workerBytes)));
  return { workers, text: `${cores} core${cores === 1 ? '' : 's'}, ${(bytes / gigabyte).toFixed(1)} GB of memory` };
}

/** The size of this machine, within the limits of a container. It does not depend on the current load. */
export function machineSize(): MachineSize {
  const limit = process.constrainedMemory();
  return sizeOf(availableParallelism(), limit > 0 ? Math.min(limit, totalmem()) : totalmem());
}

/** Number of worker processes for a sweep that sets none. @param isOnGpu whether they compute on a GPU */
export const defaultWorkers = (isOnGpu: boolean): number => (isOnGpu ? gpuWorkers : machineSize().workers);
