/**
 * Versions of what the numbers of all cells depend on. Bumped alone when what it names changes meaning; a new metrics version re-evaluates
 * and never retrains. Kernels that round differently bump `train`: its snapshots are inputs of every evaluation, so that no sweep mixes the
 * two. A part of the catalog, an attack too, has a version of its own, `Part.science`.
 */
export const scienceVersions = { data: 1, train: 3, metrics: 2 } as const;
