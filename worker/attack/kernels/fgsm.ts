import type { SharedKernel } from '../attack-kernel.ts';
import { fgsmDirection } from '../pgd.ts';

export const fgsmKernel: SharedKernel<'fgsm'> = {
  offsets: (_params, { images, objective, isTargeted, goals }) => {
    const labels = goals();
    const direction = fgsmDirection(objective, images, labels, isTargeted);
    labels.dispose();
    return direction;
  },
};
