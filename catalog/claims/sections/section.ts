/**
 * What a section of a report is, as data: claim sets name the sections that let a reader see what they claim, and the report draws them. In
 * texts `{training}`, `{attack}`, `{epsilon}` (the headline budget) and `{pooling}` stand for what is drawn.
 */
import type { SplitName } from '../../axes.ts';
import type { MetricName } from '../../metrics.ts';
import type { Measured, ReferenceName } from '../claim.ts';
import type { CommonAttack } from '../common-attacks.ts';

interface Titled {
  /** Its anchor on the page; sections of one id are drawn once. */
  readonly id: string;
  /** In the table of contents. */
  readonly short: string;
  readonly title: string;
  /** What to look at. */
  readonly lead: string;
}

/** Drawn once a dataset × architecture × norm, every training beside the others. */
export interface SettingSection extends Titled {
  readonly per: 'setting';
  /** Which line is which, where it does not depend on the sweep. */
  readonly key?: readonly LineLook[];
  readonly blocks: readonly (PanelBlock | HeatmapBlock)[];
}

/** Drawn once a stratum of the claim set, whatever its roles compare. */
export interface StratumSection extends Titled {
  readonly per: 'stratum';
  readonly panels: readonly LevelPanel[];
}

export type ReportSection = SettingSection | StratumSection;

export interface PanelBlock {
  readonly kind: 'panels';
  readonly lead?: string;
  /** Which line is which stands above the panels. */
  readonly hasLegend: boolean;
  /** Said where nothing was measured that any panel would show. */
  readonly empty?: string;
  readonly panels: readonly (CurvePanel | MarginPanel)[];
}

export interface CurvePanel {
  readonly kind: 'curve';
  readonly title: string;
  readonly x: 'epsilon' | 'epoch' | 'layer';
  readonly y: YAxis;
  /** Default train. */
  readonly split?: SplitName;
  /** One panel for all trainings, one a training, or one a training and pooling; default all. */
  readonly each?: 'training' | 'training and pooling';
  /** Default linear. */
  readonly scale?: 'linear' | 'log';
  readonly series: readonly Series[];
  readonly references?: readonly (number | ReferenceLine)[];
  /** Crosses mark points at which Sigma_B is ill-conditioned: for metrics that invert it. */
  readonly marksIllConditioned?: boolean;
}

export interface YAxis {
  readonly label: string;
  /** Default: what the points span. */
  readonly domain?: readonly [number, number];
  readonly ticks?: readonly number[];
}

export interface ReferenceLine {
  readonly reference: ReferenceName;
  readonly label: string;
}

type Colour = 'ink' | 'ink-soft' | 'vermillion' | 'blue' | 'green';

/** How a line looks; what is left out says the training by its colour, and the attack by dash and symbol. */
export interface LineLook {
  readonly name: string;
  readonly colour?: Colour;
  /** Lengths of dashes and gaps; '' for a whole line. */
  readonly dash?: string;
  readonly symbol?: 'circle' | 'square2' | 'triangle' | 'diamond2';
  /** A pale reference line without seeds or band. */
  readonly isFaint?: boolean;
}

/** One line a training. */
export interface Series extends LineLook {
  readonly metric: MetricName;
  readonly attack: CommonAttack | 'clean';
  /** Default: after training. */
  readonly epoch?: 0;
  /** The level of raw pixels, drawn across all layers. */
  readonly isOfInput?: boolean;
}

/** Layer by layer the intervals of an `any-layer` contrast against zero. */
export interface MarginPanel {
  readonly kind: 'margin';
  /** `{training}` is the training of the contrast's left side. */
  readonly title: string;
  readonly description: string;
  readonly label: string;
  readonly claim: number;
  readonly contrast: string;
  /** What follows where no interval lies above zero. */
  readonly none: string;
}

/** A matrix of classes, one a training and point, of one seed: classes need not correspond between seeds. */
export interface HeatmapBlock {
  readonly kind: 'heatmaps';
  readonly title: string;
  /** @param classes K */
  readonly lead: (classes: number) => string;
  readonly metric: MetricName;
  /** Under the main attack at half the headline budget, at it and at twice it; or clean data and the main attack at it. */
  readonly at: 'around the headline' | 'clean and headline';
  readonly rows: string;
  readonly cols: string;
}

/** Measured numbers side by side: what a set compares along datasets, architectures or trainings. */
export interface LevelPanel {
  readonly title: string;
  readonly y: YAxis;
  /** Default linear. */
  readonly scale?: 'linear' | 'log';
  readonly series: readonly LevelSeries[];
}

interface LevelSeries extends LineLook {
  /** In the order of the axis. */
  readonly levels: readonly { readonly label: string; readonly of: Measured }[];
}
