import { defineAttack } from './attack.ts';
import { target } from './target.ts';

export const fgsm = defineAttack({
  name: 'fgsm',
  summary: 'x + eps*sign(gradient); Linf norm eps (Goodfellow et al. 2015)',
  fields: { target },
  sharesWork: true,
  normOf: () => 'linf',
  targetOf: (values) => values.target,
  climbs: () => 'network',
  gradients: () => 1,
  smoke: {},
});
