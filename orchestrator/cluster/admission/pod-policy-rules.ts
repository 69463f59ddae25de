/** What the install does not allow in pods, as rules of an admission policy; pod-policy.ts judges the same. Pure. */
import { allowedText, aProgram, commandPlaces, namingPlaces, podRefusal, podRemedy } from '../jobs/pod-policy.ts';
import type { AdmissionRule } from './admission-rule.ts';
import { concatenation, literal, type Part, parts } from './cel.ts';

const root = 'variables.execution';

const refusal = (path: readonly Part[], value: string, expected: Part, found: Part): string =>
  // The path begins with a dot.
  concatenation(
    parts(`${podRefusal.replace('.{at}', '{at}')}. Remedy: ${podRemedy}`, {
      at: path,
      value: [value],
      expected: [expected],
      found: [found],
    }),
  );

export const podPolicyRules: readonly AdmissionRule[] = [
  ...namingPlaces.map(([allowed, steps]): AdmissionRule => {
    const isAllowed = (value: string): string => `variables.allowed.${allowed}.exists(p, ${value}.matches(p))`;
    return {
      root,
      steps,
      fault: (value) => `type(${value}) == string && ${value} != ${literal('')} && !${isAllowed(value)}`,
      message: (path, value) => refusal(path, allowed, { cel: `variables.allowedText.${allowed}` }, { cel: value }),
    };
  }),
  ...commandPlaces.map((steps): AdmissionRule => ({
    root,
    steps,
    fault: () => '!variables.commands',
    message: (path) => refusal(path, 'commands', allowedText([]), aProgram),
  })),
];
