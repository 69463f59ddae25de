/**
 * The uid of a sweep in a store when it runs on one machine, where its name identifies it. On a cluster the resource's uid is used.
 */
export const sweepUid = (name: string): string => `local-${name}`;
