/** The axes of a sweep, in the order in which points are generated: a cell's axes, outermost first, then those that select its rows. */
export const cellAxes = ['dataset', 'architecture', 'training', 'seed', 'epoch', 'split', 'attack', 'epsilon'] as const;
export const rowAxes = ['layer', 'pooling', 'labels'] as const;
export const axes = [...cellAxes, ...rowAxes] as const;
export type Axis = (typeof axes)[number];

export const splits = ['train', 'test'] as const;
export type SplitName = (typeof splits)[number];

export const poolings = ['flatten', 'gap'] as const;
export type Pooling = (typeof poolings)[number];
