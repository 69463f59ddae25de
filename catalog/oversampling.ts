/** Oversampling: an epoch shows images of minority classes more than once, which restores the balance of classes. */
import { imagesOf } from './datasets.ts';
import type { Lineage } from './params.ts';

type Sampled = Pick<Lineage, 'dataset' | 'recipe'>;

const repeated = ({ dataset, recipe }: Sampled) => ({
  times: recipe.kind === 'train' ? (recipe.oversampling ?? 1) : 1,
  ...imagesOf(dataset),
});

/** How often an epoch shows each example of a class [K]; undefined where it shows all once. */
export function repeatsOf(sampled: Sampled): number[] | undefined {
  const { times, minority, classes } = repeated(sampled);
  if (minority === undefined || times === 1) return undefined;
  return Array.from({ length: classes }, (_, c) => (minority.classes.includes(c) ? times : 1));
}

/** Examples in an epoch, counting repeats. @param count of training examples */
export function epochExamples(sampled: Sampled, count: number): number {
  const { times, minority } = repeated(sampled);
  return minority === undefined ? count : count + (times - 1) * minority.classes.length * minority.trainPerClass;
}
