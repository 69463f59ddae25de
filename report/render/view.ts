/** What every section of the page reads. */
import type { Stratum } from '@ncsweep/catalog/claims/roles';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import { isMade } from '@ncsweep/catalog/datasets';
import type { Named } from '@ncsweep/catalog/sweep';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { Place } from '../aggregate/measure.ts';
import { indexTrials, type TrialIndex } from '../aggregate/trial-index.ts';
import type { StratumVerdicts, Verdicts } from '../aggregate/verdict.ts';
import type { Line } from './figure.ts';
import { html, type Markup } from './markup.ts';
import { colour, hueOf, lineStyle } from './palette.ts';

export interface View {
  readonly tables: SweepTables;
  readonly verdicts: Verdicts;
  readonly index: TrialIndex;
  readonly hues: ReturnType<typeof hueOf>;
}

export const viewOf = (tables: SweepTables, verdicts: Verdicts): View => ({
  tables,
  verdicts,
  index: indexTrials(tables),
  hues: hueOf(tables.sweep.trainings),
});

export const placeOf = (view: View, { roles }: StratumVerdicts, split: 'train' | 'test' = 'train'): Place => ({
  index: view.index,
  roles,
  split,
});

export const attackNamed = (view: View, name: string): Named<AttackParams> | undefined =>
  view.tables.sweep.grids.flatMap((g) => g.attacks).find((a) => a.name === name);

/** Colour by training, dash and marker by attack. */
export function styleOf(view: View, training: string, attack: string): Pick<Line, 'colour' | 'dash' | 'symbol'> {
  return { colour: colour(view.hues.get(training)), ...lineStyle(attackNamed(view, attack)?.params) };
}

/** The norm is named where the sweep attacks in several. */
const stratumName = ({ dataset, architecture, norm }: Stratum, norms: number): string =>
  `${dataset} × ${architecture}${norms > 1 ? ` × ${norm}` : ''}`;

export const nameOf = ({ verdicts }: View, { stratum }: StratumVerdicts): string =>
  stratumName(stratum, new Set(verdicts.strata.map((s) => s.stratum.norm)).size);

/** The section's content once a stratum, under its name when there are several. */
export function perStratum(view: View, draw: (stratum: StratumVerdicts) => Markup): Markup {
  const { strata } = view.verdicts;
  return html`${strata.map((s) =>
    strata.length === 1
      ? draw(s)
      : html`<h3>${nameOf(view, s)}</h3>
          ${draw(s)}`,
  )}`;
}

export const isSynthetic = ({ tables }: View): boolean => tables.sweep.datasets.some((d) => isMade(d.params));
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
