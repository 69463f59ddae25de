/** A figure: what is drawn, its legend and its numbers. The page shows it; figures/ holds it as SVG and CSV. */
import type { CsvValue } from '../files/csv.ts';
import type { Markup } from './markup.ts';

/** An SVG in the theme's colours, without fonts of its own, because the page styles all figures the same way. */
export interface Drawing {
  readonly markup: Markup;
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
}

export type LegendMark =
  | { readonly kind: 'line'; readonly colour: string; readonly dash: string; readonly symbol?: string }
  /** The cross over points at which Sigma_B is ill-conditioned. */
  | { readonly kind: 'cross' };

export interface LegendEntry {
  readonly name: string;
  readonly mark: LegendMark;
}

/** A row per number drawn, so that a plot of them needs no join. */
export interface FigureData {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly CsvValue[])[];
}

export interface Figure {
  readonly title: string;
  /** Read aloud instead of the picture. */
  readonly description: string;
  readonly drawing: Drawing;
  /** Everything drawn; on the page, one legend may serve several figures. */
  readonly legend: readonly LegendEntry[];
  readonly caption?: Markup;
  readonly data: FigureData;
}

export interface NamedFigure extends Figure {
  /** Name of its files and anchor, unique in the report. */
  readonly name: string;
}

/** Each legend entry once, by name. */
export const mergedLegend = (figures: readonly Figure[]): readonly LegendEntry[] => [
  ...new Map(figures.flatMap(({ legend }) => legend.map((entry) => [entry.name, entry]))).values(),
];
