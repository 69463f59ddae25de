/** What gradient attacks climb: a loss of the network's logits, or of those of each layer's nearest-class-mean classifier. */
import { z } from 'zod';

export const logitLosses = ['ce', 'dlr'] as const;
/** `ce`: cross-entropy. `dlr`: difference of logits ratio (Croce & Hein 2020), the same for logits times any factor. */
export type LogitLossName = (typeof logitLosses)[number];

interface Climbed {
  readonly climbs: 'network' | 'each layer';
  readonly loss: LogitLossName;
}

const objectives = {
  ce: { climbs: 'network', loss: 'ce' },
  dlr: { climbs: 'network', loss: 'dlr' },
  ncc: { climbs: 'each layer', loss: 'ce' },
  'ncc-dlr': { climbs: 'each layer', loss: 'dlr' },
} as const satisfies Readonly<Record<string, Climbed>>;
export type ObjectiveName = keyof typeof objectives;

export const climbedBy = (objective: ObjectiveName): Climbed => objectives[objective];

/** The ratio divides by the distance of the first and the third logit. */
export const fewestClassesOf = (objective: ObjectiveName): number => (climbedBy(objective).loss === 'dlr' ? 3 : 2);

export const objective = z
  .enum(Object.keys(objectives) as [ObjectiveName, ...ObjectiveName[]])
  .default('ce')
  .describe(
    "ce: the network's cross-entropy; dlr: its difference of logits ratio, the same for logits times any factor; ncc, ncc-dlr: the same of each layer's own nearest-class-center classifier",
  );
