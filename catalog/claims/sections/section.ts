/**
 * A section of a report as data. Claim sets name the sections that show readers what they claim, and the report draws them. In
 * texts `{training}`, `{attack}`, `{epsilon}` (the headline budget) and `{pooling}` stand for what is drawn.
 */
import type { SplitName } from '../../axes.ts';
import type { LabelConvention } from '../../labels.ts';
import type { MetricName } from '../../metrics.ts';
import type { Measured, ReferenceName } from '../claim.ts';
import type { CommonAttack } from '../common-attacks.ts';

interface Titled {
  /** Its anchor on the page; sections with the same id are drawn once. */
  readonly id: string;
  /** Title in the table of contents. */
  readonly short: string;
  readonly title: string;
  /** What to look at. */
  readonly lead: string;
}

/** Drawn once per dataset × architecture × norm, with all trainings side by side. */
export interface SettingSection extends Titled {
  readonly per: 'setting';
  /** The legend, where it does not depend on the sweep. */
  readonly key?: readonly LineLook[];
  readonly blocks: readonly (PanelBlock | HeatmapBlock)[];
}

/** Drawn once per stratum of the claim set, whatever its roles compare. */
export interface StratumSection extends Titled {
  readonly per: 'stratum';
  readonly panels: readonly LevelPanel[];
}

export type ReportSection = SettingSection | StratumSection;

export interface PanelBlock {
  readonly kind: 'panels';
  readonly lead?: string;
  /** Whether a legend stands above the panels. */
  readonly hasLegend: boolean;
  /** Text shown where nothing was measured that a panel could show. */
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
  /** One panel per training, or one per training and pooling; default: one for all trainings. */
  readonly each?: 'training' | 'training and pooling';
  /** Default linear. */
  readonly scale?: 'linear' | 'log';
  readonly series: readonly Series[];
  readonly references?: readonly (number | ReferenceLine)[];
  /** Whether crosses mark points at which Sigma_B is ill-conditioned; for metrics that invert it. */
  readonly marksIllConditioned?: boolean;
}

export interface YAxis {
  readonly label: string;
  /** Default: the range of the points. */
  readonly domain?: readonly [number, number];
  readonly ticks?: readonly number[];
}

export interface ReferenceLine {
  readonly reference: ReferenceName;
  readonly label: string;
}

type Colour = 'ink' | 'ink-soft' | 'vermillion' | 'blue' | 'green';

/** How a line looks. By default colour shows the training, and dash and symbol the attack. */
export interface LineLook {
  readonly name: string;
  readonly colour?: Colour;
  /** Lengths of dashes and gaps; '' for a solid line. */
  readonly dash?: string;
  readonly symbol?: 'circle' | 'square2' | 'triangle' | 'diamond2';
  /** Whether it is a pale reference line without seeds or band. */
  readonly isFaint?: boolean;
}

/** One line per training. */
export interface Series extends LineLook {
  readonly metric: MetricName;
  readonly attack: CommonAttack | 'clean';
  /** Default: after training. */
  readonly epoch?: 0;
  /** Default given. */
  readonly labels?: LabelConvention;
  /** Whether it is the level of raw pixels, drawn across all layers. */
  readonly isOfInput?: boolean;
}

/** The intervals of an `any-layer` contrast, layer by layer, against zero. */
export interface MarginPanel {
  readonly kind: 'margin';
  /** `{training}` is the training of the contrast's left side. */
  readonly title: string;
  readonly description: string;
  readonly label: string;
  readonly claim: number;
  readonly contrast: string;
  /** Text to add where no interval lies above zero. */
  readonly none: string;
}

/** A matrix over classes per training and point, for one seed, because classes need not correspond between seeds. */
export interface HeatmapBlock {
  readonly kind: 'heatmaps';
  readonly title: string;
  /** @param classes K */
  readonly lead: (classes: number) => string;
  readonly metric: MetricName;
  /** The main attack at half the headline budget, at that budget and at twice it; or clean data and the main attack at that budget. */
  readonly at: 'around the headline' | 'clean and headline';
  readonly rows: string;
  readonly cols: string;
}

/** Measured numbers side by side, as a set compares them along datasets, architectures or trainings. */
export interface LevelPanel {
  readonly title: string;
  readonly y: YAxis;
  /** Default linear. */
  readonly scale?: 'linear' | 'log';
  readonly series: readonly LevelSeries[];
  readonly references?: readonly (number | ReferenceLine)[];
}

interface LevelSeries extends LineLook {
  /** Levels in the order of the axis. */
  readonly levels: readonly { readonly label: string; readonly of: Measured }[];
}
