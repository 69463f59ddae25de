/** A training loss of a plug-in, as ids name it. @see plugged-attack.ts */
import { z } from 'zod';
import type { Loss } from '../losses/loss.ts';
import { idLanguages } from './languages.ts';
import { identity, parameterValue, partReference } from './names.ts';

export const pluggedLossShape = {
  loss: z.literal('plugin'),
  part: partReference,
  identity,
  adversarial: z.enum(['always', 'optional']),
  objective: z.enum(['ce', 'kl']),
  passes: z.int().min(1),
  params: z.record(z.string(), parameterValue),
  languages: idLanguages,
};
export type PluggedLoss = Readonly<z.infer<z.ZodObject<typeof pluggedLossShape>>>;

/** Version of what plug-ins of this kind are given and asked for (docs/plug-ins.md "Losses"). */
export const pluggedLossScience = 1;

/** What a compute program is told. */
export const pluggedLossDocument = z.object({
  name: z.literal('plugin'),
  part: partReference,
  identity,
  params: pluggedLossShape.params,
});

/** As planning and compute tasks see it. */
export const pluggedLoss = ({ part, identity: of, adversarial, objective, passes }: PluggedLoss): Loss => ({
  name: part,
  summary: `of the plug-in ${part.split('/')[0]} (${of.slice(0, 12)})`,
  fields: {},
  constants: {},
  adversarial,
  objective,
  updatePasses: passes,
  science: pluggedLossScience,
});
