/** The labels that attacks leave, or aim at. */
import type { AttackTarget } from '@ncsweep/catalog/attacks/target';

type Aim = (labels: Int32Array, classes: number) => Int32Array;

const aims: Readonly<Record<Exclude<AttackTarget, 'none'>, Aim>> = {
  'next-class': (labels, classes) => labels.map((y) => (y + 1) % classes),
};

/** The targets of a targeted attack [B]; undefined for others. @param labels [B] */
export function targetsOf(target: AttackTarget, labels: Int32Array, classes: number): Int32Array | undefined {
  return target === 'none' ? undefined : aims[target](labels, classes);
}
