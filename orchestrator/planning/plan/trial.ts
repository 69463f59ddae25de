/** What one result row stands for, before it has a cell id: the place that a cell measures, and where in the network the row looks. */
import type { Pooling } from '@ncsweep/catalog/axes';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import type { LabelConvention } from '@ncsweep/catalog/labels';

/** Everything that decides the cell of a trial. */
export interface Place {
  /** Equal exactly for places of the same cell, in every pass over the same sweep. */
  readonly key: string;
  /** Equal exactly for places of the same training, as above. */
  readonly trainingKey: string;
  /**
   * Empty where every name is the only one that the sweep has for its parameters, or of several the first by the alphabet. Else the names: the
   * place shares its cell with other names, and has rows of its own.
   */
  readonly alias: string;
  readonly dataset: Named<DatasetParams>;
  readonly architecture: Named<ArchitectureParams>;
  readonly training: Named<RecipeParams>;
  readonly seed: number;
  readonly epoch: number;
  /** Named `none` at epsilon 0. */
  readonly attack: Named<AttackParams>;
  readonly epsilon: Epsilon;
  readonly split: 'train' | 'test';
}

export interface Trial {
  readonly place: Place;
  readonly layer: string;
  /** Position of the layer, 0 = input. */
  readonly depth: number;
  readonly pooling: Pooling;
  readonly labels: LabelConvention;
}
