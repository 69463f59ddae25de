/** report.md: the page without pictures. */
import { hasAttacks } from '@ncsweep/catalog/claims/attack-roles';
import type { ContrastResult } from '../aggregate/contrast.ts';
import { formatContrast, formatLevel } from '../aggregate/format.ts';
import { lostText } from '../aggregate/by-seed.ts';
import { replicates, resultTables, type ResultTable } from '../aggregate/result-table.ts';
import type { ClaimVerdict, SettingChecks, SetVerdicts, StratumVerdicts } from '../aggregate/verdict.ts';
import { headline } from '../aggregate/verdict-lines.ts';
import { conventions } from '../files/conventions.ts';
import { limits } from './sections/provenance.ts';
import { noAttacks } from './sections/attack-validity.ts';
import { isSynthetic, placeOf, nameOf, type View } from './view.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const grid = (header: readonly string[], rows: readonly (readonly string[])[]): string[] => [
  row(header),
  row(header.map(() => '---')),
  ...rows.map(row),
  '',
];

const outcomeText = ({ outcome, lost }: ContrastResult): string =>
  lost.length === 0 ? outcome : `${outcome} (${lostText(lost)})`;

function claim(verdict: ClaimVerdict, stratum: StratumVerdicts): string[] {
  const contrasts = verdict.contrasts.map((c, i) => {
    const beside = verdict.beside[i];
    const { contrast, interval, looks } = c;
    return [
      contrast.title,
      contrast.predicted === '+' ? 'higher' : 'lower',
      interval === undefined
        ? 'not measured'
        : `${formatContrast(interval, contrast.unit)}${looks > 1 ? ` (${looks} simultaneous)` : ''}`,
      interval === undefined ? '0' : String(interval.n),
      outcomeText(c),
      beside?.interval === undefined ? '' : formatContrast(beside.interval, contrast.unit),
      beside === undefined || beside.outcome === 'absent' ? '' : outcomeText(beside),
    ];
  });
  const yaml = [...new Set(verdict.contrasts.flatMap((c) => c.missing))];
  return [
    `### ${verdict.claim.number}. ${verdict.claim.title}`,
    '',
    `**${verdict.outcome}**: ${headline(verdict, stratum.roles.epsilon?.label)}`,
    '',
    ...grid(['contrast', 'predicted', 'train', 'n', 'outcome', 'test', 'outcome on test'], contrasts),
    ...verdict.controls.map((c) => `- ${c.control.title}: ${c.state}, ${c.note}`),
    '',
    ...(yaml.length === 0 ? [] : ['To measure what is missing:', '', '```yaml', ...yaml, '```', '']),
  ];
}

function table(data: ResultTable): string[] {
  const rows = data.rows.map((r) => [r.label, ...r.cells.map((c) => (c === undefined ? '' : formatLevel(c.interval)))]);
  return [`### ${data.title} (n = ${replicates(data)})`, '', ...grid(['', ...data.columns], rows)];
}

/** Gets its own heading if the set judges several strata, or the report several sets. */
function setText(view: View, { set, strata }: SetVerdicts): string[] {
  const isAlone = view.verdicts.sets.length === 1;
  return strata.flatMap((stratum) => {
    const names = [isAlone ? 'Claims' : `Claims of ${set.name}`, nameOf(view, stratum.stratum)].filter((name) => name !== '');
    return [`## ${names.join(': ')}`, '', ...stratum.verdicts.flatMap((v) => claim(v, stratum))];
  });
}

function settingText(view: View, setting: SettingChecks): string[] {
  const checks = setting.checks.map((c) => [c.training, c.title, c.state, c.note]);
  return [
    `## ${nameOf(view, setting.stratum)}`,
    '',
    '### Attack validity',
    '',
    ...(hasAttacks(view.tables.sweep) ? grid(['training', 'check', 'state', 'seen'], checks) : [noAttacks, '']),
    ...resultTables(placeOf(view, setting), placeOf(view, setting, 'test')).flatMap(table),
  ];
}

export function reportMarkdown(view: View): string {
  const { sweep, planDigest } = view.tables;
  return [
    `# ${sweep.question}`,
    '',
    `Sweep \`${sweep.name}\`, plan \`${planDigest.slice(0, 16)}\`. ${isSynthetic(view) ? '**Synthetic data: qualitative only.**' : ''}`.trim(),
    '',
    ...view.verdicts.sets.flatMap((set) => setText(view, set)),
    ...view.verdicts.settings.flatMap((setting) => settingText(view, setting)),
    '## What this sweep cannot say',
    '',
    ...limits(view).map((l) => `- ${l}`),
    '',
    '## Conventions',
    '',
    ...conventions(sweep).map((c) => `- ${c}`),
    '',
  ].join('\n');
}
