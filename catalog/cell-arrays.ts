/** The arrays of an evaluation as .npy files, for others' programs: which are asked for, and what they are called. */
import { z } from 'zod';
import type { ArchitectureParams } from './architectures.ts';
import { attackOf, type AttackParams } from './attacks.ts';
import { originOf, viewKey, viewsOf, type View } from './views.ts';

const keys = z.array(z.string()).readonly();

/** By `viewKey`, of whatever architecture. */
export const arrayChoice = z.object({
  /** Views whose images are wanted: all have the same but under an adaptive attack. */
  images: keys,
  /** Views whose features are wanted, with logits. */
  features: keys,
});
export type ArrayChoice = z.infer<typeof arrayChoice>;

/** How a worker on this machine is told to write the arrays of the evaluations that it runs: in `folder`, each cell into one of its id. */
export const arrayRequest = arrayChoice.extend({ folder: z.string() });
export type ArrayRequest = z.infer<typeof arrayRequest>;

/** Whether each view's nearest-mean classifier, its head, is attacked by itself, so that each has images of its own. */
export const isAdaptive = (attack: AttackParams): boolean =>
  attack.kind !== 'none' && attackOf(attack).climbs(attack) === 'each layer';

/** The views that are measured, in order of depth: those of which something is written, so that each number vouches for files. */
export function measuredViews(
  architecture: ArchitectureParams,
  attack: AttackParams,
  { images, features }: ArrayChoice,
): readonly View[] {
  const needsBoth = isAdaptive(attack) || features.length === 0; // features are made from the images, and vouch for them
  return viewsOf(architecture).filter((view) => [...features, ...(needsBoth ? images : [])].includes(viewKey(view)));
}

/** The first of the views with the same features: their images and features are in files of its name. */
export function headOf(view: View, measured: readonly View[], architecture: ArchitectureParams): View {
  const origin = viewKey(originOf(view, architecture));
  return measured.find((each) => viewKey(originOf(each, architecture)) === origin) ?? view;
}

const named = ({ layer, pooling }: View): string => `${layer}-${pooling}.npy`;

/** Files of a cell, relative to its folder; under an adaptive attack images, and logits of the head, are by head. */
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
