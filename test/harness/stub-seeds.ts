/** What a seed means to the stub compute process. */
export const stubSeeds = { plain: 1, slow: 2, crashes: 3, diverges: 4, crashesAlways: 5 } as const;
