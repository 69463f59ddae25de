/** An attack of a plug-in, as ids name it. What planning knows of it is part of the id, so nothing has to be looked up later. */
import { z } from 'zod';
import type { Attack } from '../attacks/attack.ts';
import { norm } from '../attacks/norm.ts';
import { idLanguages } from './languages.ts';
import { identity, parameterValue, partReference } from './names.ts';

export const pluggedAttackShape = {
  kind: z.literal('plugin'),
  part: partReference,
  identity,
  norm,
  /** With respect to the pixels of an example; 0: it is a noise. */
  gradients: z.int().min(0),
  params: z.record(z.string(), parameterValue),
  languages: idLanguages,
};
export type PluggedAttack = Readonly<z.infer<z.ZodObject<typeof pluggedAttackShape>>>;

/** Version of what plug-ins of this kind are given and asked for (docs/plug-ins.md "Attacks"). */
export const pluggedAttackScience = 1;

/** What a compute program is told. */
export const resolvedPluggedAttack = z.object({
  part: partReference,
  identity,
  climbs: z.enum(['network', 'nothing']),
  params: pluggedAttackShape.params,
});

/** As planning and reports see it. */
export const pluggedAttack = ({ part, identity: of, norm: ofBudget, gradients, params }: PluggedAttack): Attack => ({
  name: part,
  summary: `of the plug-in ${part.split('/')[0]} (${of.slice(0, 12)})`,
  fields: {},
  sharesWork: false,
  normOf: () => ofBudget,
  targetOf: () => 'none',
  climbs: () => (gradients === 0 ? 'nothing' : 'network'),
  gradients: () => gradients,
  resolved: resolvedPluggedAttack,
  resolve: () => ({ part, identity: of, climbs: gradients === 0 ? 'nothing' : 'network', params }),
  smoke: {},
  science: pluggedAttackScience,
});
