/** The arrays of an evaluation as .npy files, for other programs: which are requested, and how they are named. */
import { z } from 'zod';
import type { ArchitectureParams } from './architectures.ts';
import { attackOf, type AttackParams } from './attacks.ts';
import { originOf, viewKey, viewsOf, type View } from './views.ts';

const keys = z.array(z.string()).readonly();

/** Views by `viewKey`, for any architecture. */
export const arrayChoice = z.object({
  /** Views whose images are wanted; all views share the same images except under an adaptive attack. */
  images: keys,
  /** Views whose features are wanted, with logits. */
  features: keys,
});
export type ArrayChoice = z.infer<typeof arrayChoice>;

/** Tells a worker on this machine to write the arrays of its evaluations, each cell into a subfolder of `folder` named by its id. */
export const arrayRequest = arrayChoice.extend({ folder: z.string() });
export type ArrayRequest = z.infer<typeof arrayRequest>;

/** Whether each view's nearest-mean classifier (its head) is attacked separately, so that each view has its own images. */
export const isAdaptive = (attack: AttackParams): boolean =>
  attack.kind !== 'none' && attackOf(attack).climbs(attack) === 'each layer';

/** The views that are measured, in order of depth: those for which files are written, so that each number vouches for files. */
export function measuredViews(
  architecture: ArchitectureParams,
  attack: AttackParams,
  { images, features }: ArrayChoice,
): readonly View[] {
  const needsBoth = isAdaptive(attack) || features.length === 0; // features are made from the images and so vouch for them
  return viewsOf(architecture).filter((view) => [...features, ...(needsBoth ? images : [])].includes(viewKey(view)));
}

/** The first of the measured views with the same features, after which their files of images and features are named. */
export function headOf(view: View, measured: readonly View[], architecture: ArchitectureParams): View {
  const origin = viewKey(originOf(view, architecture));
  return measured.find((each) => viewKey(originOf(each, architecture)) === origin) ?? view;
}

const named = ({ layer, pooling }: View): string => `${layer}-${pooling}.npy`;

/** Files of a cell, relative to its folder; under an adaptive attack, each head has its own files of images and logits. */
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
