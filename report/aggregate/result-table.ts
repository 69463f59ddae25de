/** Tables of means with intervals, ready for HTML, Markdown and LaTeX. */
import { clean } from '@ncsweep/catalog/claims/points';
import { pluggedEntries } from '@ncsweep/catalog/plugins/plugged-metric';
import { depthLaw } from './depth-law.ts';
import { epsilonsOf, overEpsilon, single, type Along, type CurvePoint } from './curve.ts';
import type { Interval, Scale } from './interval.ts';
import type { SettingPlace } from './measure.ts';

export interface ResultTable {
  /** File name of the LaTeX table. */
  readonly id: string;
  readonly title: string;
  /** Whether it has shares, whose intervals are those of an angle. */
  readonly hasShares: boolean;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly label: string; readonly cells: readonly (CurvePoint | undefined)[] }[];
}

/** Attacks shown in tables, in order of strength. */
const attacksOf = (place: SettingPlace): readonly string[] =>
  (['noise', 'fgsm', 'pgd', 'stronger'] as const).flatMap((role) => place.roles.attacks[role]?.name ?? []);

/** Accuracy against epsilon, one line per training × attack. */
function accuracyTable(place: SettingPlace): ResultTable {
  const epsilons = epsilonsOf(place);
  const rows = place.index.tables.sweep.trainings.flatMap((training) =>
    attacksOf(place).map((attack) => {
      const points = overEpsilon(place, { metric: 'accuracy', scale: 'linear', training, attack });
      return { label: `${training.name}, ${attack}`, cells: epsilons.map((e) => points.find((p) => p.label === e.label)) };
    }),
  );
  const used = epsilons.map((_, i) => rows.some((r) => r.cells[i] !== undefined));
  return {
    id: `accuracy-${place.split}`,
    title: `Accuracy against epsilon, ${place.split} split`,
    hasShares: true,
    columns: epsilons.map((e) => e.label).filter((_, i) => used[i]),
    rows: rows
      .map((r) => ({ ...r, cells: r.cells.filter((_, i) => used[i]) }))
      .filter((r) => r.cells.some((c, i) => i > 0 && c !== undefined)),
  };
}

interface Column {
  readonly name: string;
  readonly metric: string;
  readonly scale: Scale;
}

const measures: readonly Column[] = [
  { name: 'accuracy', metric: 'accuracy', scale: 'linear' },
  { name: 'nc1', metric: 'nc1', scale: 'log' },
  { name: 'nc1 quotient', metric: 'nc1_quotient', scale: 'log' },
  { name: 'NC2 angles', metric: 'nc2_equiangular_means', scale: 'linear' },
  { name: 'NC2 norms', metric: 'nc2_equinorm_means', scale: 'linear' },
  { name: 'simplex angle (°)', metric: 'simplex_angle', scale: 'linear' },
  { name: 'leap rate', metric: 'leap_rate', scale: 'linear' },
  { name: 'NCC accuracy', metric: 'ncc_accuracy_clean_means', scale: 'linear' },
];

/** Metrics of plug-ins with one number per trial. */
const pluggedMeasures = (place: SettingPlace): readonly Column[] =>
  [...pluggedEntries(place.index.tables.sweep.metrics)].flatMap(([metric, { shape, scale, unit }]) =>
    shape === 'classes×classes' ? [] : [{ name: unit === '' ? metric : `${metric} (${unit})`, metric, scale }],
  );

/** Collapse at the headline epsilon, last layer and epoch. */
function collapseTable(place: SettingPlace): ResultTable {
  const epsilon = place.roles.epsilon;
  const columns = [...measures, ...pluggedMeasures(place)];
  const rows = place.index.tables.sweep.trainings.flatMap((training) =>
    ['none', ...attacksOf(place)].map((attack) => ({
      label: `${training.name}, ${attack === 'none' ? 'clean' : attack}`,
      cells: columns.map(({ metric, scale }) => {
        const along: Along = { metric, scale, training, attack, epsilon: attack === 'none' ? clean : (epsilon?.value ?? clean) };
        return single(place, along);
      }),
    })),
  );
  return {
    id: `collapse-${place.split}`,
    title: `Collapse at epsilon ${epsilon?.label ?? '0'}, last layer, ${place.split} split`,
    hasShares: true,
    columns: columns.map((m) => m.name),
    rows: rows.filter((r) => r.cells.some((c) => c !== undefined)),
  };
}

/** How separation falls with depth, clean and at the headline epsilon. */
function separationTable(place: SettingPlace): ResultTable {
  const { pgd } = place.roles.attacks;
  const rows = place.index.tables.sweep.trainings.flatMap((training) =>
    ['none', ...(pgd === undefined ? [] : [pgd.name])].map((attack) => {
      const { correlation, decay } = depthLaw(place, { training, attack });
      return { label: `${training.name}, ${attack === 'none' ? 'clean' : attack}`, cells: [correlation, decay] };
    }),
  );
  return {
    id: `separation-${place.split}`,
    title: `Separation D against depth: line through log D, last epoch, ${place.split} split`,
    hasShares: false,
    columns: ['Pearson r', 'decay ratio per layer'],
    rows: rows.filter((r) => r.cells.some((c) => c !== undefined)),
  };
}

export const resultTables = (train: SettingPlace, test: SettingPlace): readonly ResultTable[] =>
  [accuracyTable(train), accuracyTable(test), collapseTable(train), collapseTable(test), separationTable(train)].filter(
    (t) => t.rows.length > 0,
  );

/** Fewest and most models behind any number of the table: n. */
export function replicates(table: ResultTable): string {
  const ns = table.rows.flatMap((r) => r.cells.flatMap((c): Interval[] => (c === undefined ? [] : [c.interval]))).map((i) => i.n);
  const [low, high] = [Math.min(...ns), Math.max(...ns)];
  return low === high ? String(low) : `${low}–${high}`;
}
