/** What every section of the page reads. */
import type { Stratum } from '@ncsweep/catalog/claims/roles';
import type { AttackParams } from '@ncsweep/catalog/attacks';
import type { SplitName } from '@ncsweep/catalog/axes';
import { isMade } from '@ncsweep/catalog/datasets';
import type { Named } from '@ncsweep/catalog/sweep';
import type { SweepTables } from '@ncsweep/catalog/sweep-tables';
import type { SettingPlace } from '../aggregate/measure.ts';
import { indexTrials, type TrialIndex } from '../aggregate/trial-index.ts';
import type { SettingChecks, Verdicts } from '../aggregate/verdict.ts';
import type { Line } from './line-figure.ts';
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

export const placeOf = (view: View, { roles }: SettingChecks, split: SplitName = 'train'): SettingPlace => ({
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

/** "digits × convnet": the axes along which strata are judged separately; the norm is included if the sweep attacks in several. */
export function nameOf({ verdicts }: View, { dataset, architecture, norm }: Stratum): string {
  const norms = new Set(verdicts.settings.map(({ stratum }) => stratum.norm)).size;
  return [dataset, architecture, norms > 1 ? norm : undefined].filter((part) => part !== undefined).join(' × ');
}

export const isSynthetic = ({ tables }: View): boolean => tables.sweep.datasets.some((d) => isMade(d.params));
export const counted = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
