/** Per-channel mean and standard deviation of each dataset's training pixels, in [0,1]: the network's first operation. */
import type { Dataset } from './dataset.ts';
import type { FileParams } from './subset.ts';

/** Of ImageNet, by custom, for folders of photographs. */
const photographs = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export const normalisation: Readonly<Record<FileParams['name'], Dataset['normalisation']>> = {
  cifar10: { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] },
  cifar100: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  mnist: { mean: [0.1307], std: [0.3081] },
  imagenette: photographs,
  'image-folder': photographs,
};
