/** The arrays of an evaluation as .npy files, for others' programs: which are asked for, and what they are called. */
import { z } from 'zod';
import { viewKey, viewsOf, type View } from './architectures.ts';
import type { ArchitectureParams } from './params.ts';

/** How a worker on this machine is told to write the arrays of the evaluations that it runs. */
export const arrayRequest = z.object({
  /** Absolute; each cell gets a folder of its id in it. */
  folder: z.string(),
  /** Whether features and logits are wanted, beside images and labels. */
  features: z.boolean(),
  /** Keys of the views (`viewKey`) that are measured and written, of whatever architecture; no other is. */
  views: z.array(z.string()),
});
export type ArrayRequest = z.infer<typeof arrayRequest>;

export const wantedViews = (architecture: ArchitectureParams, { views }: Pick<ArrayRequest, 'views'>): readonly View[] =>
  viewsOf(architecture).filter((view) => views.includes(viewKey(view)));

const named = ({ layer, pooling }: View): string => `${layer}-${pooling}.npy`;

/**
 * Files of a cell, relative to its folder. An adaptive attack makes other images for each view's nearest-mean classifier, its head: then
 * images, and the head's logits, are by view.
 */
export const arrayFiles = {
  /** int32 [N] */
  labels: 'labels.npy',
  /** float32 [N,H,W,C] in [0,1] */
  images: (head?: View): string => (head === undefined ? 'images.npy' : `images/${named(head)}`),
  /** float32 [N,d] */
  features: (view: View): string => `features/${named(view)}`,
  /** float32 [N,K] of the network, or of the head */
  logits: (head?: View): string => (head === undefined ? 'logits.npy' : `logits/${named(head)}`),
} as const;
