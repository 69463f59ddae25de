/**
 * The manifest of a plug-in, `plugin.yaml`: what planning needs to know of each part without running anybody's code, and where the code
 * of each part is (docs/plug-ins.md "The manifest").
 */
import { z } from 'zod';
import { norm } from '../attacks/norm.ts';
import { architecturePart } from './architecture-part.ts';
import { metricPart } from './metric-part.ts';
import { pluginWord } from './names.ts';
import { anyCode, factor, hasCode, partFields } from './part-fields.ts';

const attackFields = z.strictObject({
  kind: z.literal('attack'),
  ...anyCode,
  ...partFields,
  /** In which the budget is given and the perturbation is measured. */
  norm,
  /** Gradients with respect to the pixels of an example: a number, a parameter, or the product of a list of them; 0: it is a noise. */
  gradients: z.union([factor, z.array(factor).min(1).max(5)], {
    error: 'a whole number, the name of an integer parameter, or a list of them to be multiplied',
  }),
});

const lossFields = z.strictObject({
  kind: z.literal('loss'),
  ...anyCode,
  ...partFields,
  /** `always`: it needs adversarial examples, so a training has an attack even if none is written. */
  adversarial: z.enum(['always', 'optional']).default('optional'),
  /** What the attack of the training climbs: the cross-entropy, or the divergence from the predictions of the clean images. */
  objective: z.enum(['ce', 'kl']).default('ce'),
  /** Passes through the network per update. */
  passes: z.int().min(1).max(100).default(1),
});

const attackPart = attackFields.refine(...hasCode);
const lossPart = lossFields.refine(...hasCode);

const pluginPart = z.discriminatedUnion('kind', [attackPart, lossPart, metricPart, architecturePart], {
  error: 'attack, loss, metric or architecture',
});
export type PluginPart = z.infer<typeof pluginPart>;
export type PluginPartKind = PluginPart['kind'];
/** A part of one kind. */
export type PluginPartOf<K extends PluginPartKind> = Extract<PluginPart, { readonly kind: K }>;

export const pluginManifest = z.strictObject({
  plugin: pluginWord,
  summary: z.string().max(300).default(''),
  /** Python packages besides ncsweep-torch and PyTorch that must be installed where it runs. */
  requires: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'the name of a Python package' }))
    .max(50)
    .default([]),
  parts: z.array(pluginPart).min(1).max(100),
});
export type PluginManifest = z.infer<typeof pluginManifest>;
