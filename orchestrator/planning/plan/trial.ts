/**
 * What one result row stands for, before it has a cell id: the place that a cell measures, and where in the network the row
 * measures it.
 */
import type { Pooling } from '@ncsweep/catalog/axes';
import type { ArchitectureParams } from '@ncsweep/catalog/architectures';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { DatasetParams } from '@ncsweep/catalog/datasets';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import type { LabelConvention } from '@ncsweep/catalog/labels';

/** Everything that determines the cell of a trial. */
export interface Spot {
  readonly dataset: Named<DatasetParams>;
  readonly architecture: Named<ArchitectureParams>;
  readonly training: Named<RecipeParams>;
  readonly seed: number;
  readonly epoch: number;
  /** It is named `none` at epsilon 0. */
  readonly attack: Named<AttackParams>;
  readonly epsilon: Epsilon;
  readonly split: 'train' | 'test';
}

/**
 * A spot with the numbers by which it is known in every pass over the same sweep. Numbers are counted from 0, except that places and
 * cells share one count.
 */
export interface Place extends Spot {
  /**
   * Empty if every name is the sweep's only one for its parameters, or alphabetically the first of several. Otherwise it holds the
   * names: the place shares its cell with other names, and has its own rows.
   */
  readonly alias: string;
  /** Equal if and only if the places have the same rows: of one cell, under one alias. */
  readonly number: number;
  /** Equal if and only if the places belong to the same cell. */
  readonly cellNumber: number;
  readonly snapshotNumber: number;
  readonly trainingNumber: number;
  /** Equal if and only if the attacks have equal parameters. */
  readonly attackNumber: number;
}

/** Where in the network a row measures. */
export interface Look {
  readonly layer: string;
  /** Position of the layer, 0 = input. */
  readonly depth: number;
  readonly pooling: Pooling;
  readonly labels: LabelConvention;
}

export interface Trial extends Look {
  readonly place: Place;
}
