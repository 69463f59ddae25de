/** What a seed means to the stub compute process. */
export const stubSeeds = { plain: 1, slow: 2, crashes: 3, diverges: 4, crashesAlways: 5, deaf: 1001, needsMemory: 1002 } as const;
