/** What a seed means to the stub compute process. */
export const stubSeeds = {
  plain: 1,
  slow: 2,
  crashes: 3,
  diverges: 4,
  crashesAlways: 5,
  deaf: 1001,
  needsMemory: 1002,
  /** This one and all above. */
  held: 2000,
} as const;

/** What the stub says of a cell, whoever computes it, whenever. */
export const stubScalars = (cellId: string): { readonly value: number } => ({ value: Number.parseInt(cellId.slice(0, 6), 16) });
