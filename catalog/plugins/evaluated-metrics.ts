/** The metrics of plug-ins in the parameters of evaluations. */
import type { AttackParams } from '../attacks.ts';
import { isAdaptive } from '../cell-arrays.ts';
import type { EvaluateParams } from '../params.ts';
import type { Sweep } from '../sweep.ts';

type Measured = Pick<EvaluateParams, 'metrics'>;

/** For the evaluations of a sweep. */
export const metricsOfSweep = ({ metrics }: Pick<Sweep, 'metrics'>): Measured =>
  metrics === undefined ? {} : { metrics: metrics.map(({ params }) => params) };

/** An adaptive attack has other images for each layer, and only its own accuracy is measured. */
export const metricsUnder = (attack: AttackParams, measured: Measured): Measured => (isAdaptive(attack) ? {} : measured);
