import { fileURLToPath } from 'node:url';

/** Has a worker start the stub in place of a compute program. */
export const stubCompute = {
  NCSWEEP_COMPUTE: JSON.stringify([process.execPath, fileURLToPath(new URL('./stub-compute.ts', import.meta.url))]),
} as const;

/** Has a worker start its backend's own program, where the stub is the default. */
export const backendCompute = { NCSWEEP_COMPUTE: '' } as const;

/** What a seed means to the stub compute process. */
export const stubSeeds = {
  plain: 1,
  slow: 2,
  crashes: 3,
  diverges: 4,
  crashesAlways: 5,
  deaf: 1001,
  needsMemory: 1002,
  /** This seed and all above it. */
  held: 2000,
} as const;

/** The stub's result for a cell, the same for every worker at any time. */
export const stubScalars = (cellId: string): { readonly value: number } => ({ value: Number.parseInt(cellId.slice(0, 6), 16) });
