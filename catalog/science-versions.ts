/**
 * Versions of what the numbers of all cells depend on. Each is bumped alone when what it names changes meaning; a new metrics version
 * re-evaluates and never retrains. Kernels that round differently bump `train`: its snapshots are inputs of every evaluation, so no sweep
 * mixes the two. Each part of the catalog, attacks included, has its own version, `Part.science`.
 */
export const scienceVersions = { data: 1, train: 3, metrics: 2 } as const;
