/** A sweep's place in a store. On a cluster the resource's uid will take its place; on one machine the name identifies it. */
export const sweepUid = (name: string): string => `local-${name}`;
