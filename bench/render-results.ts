/** Results as Markdown. Pure: equal results give equal text. */
import type { Measurement, RecordedRun } from './benchmark.ts';
import { ratios, type Spread, spread } from './statistics.ts';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const count = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const numeral = (value: number): string => (Math.abs(value) >= 1000 ? count : number).format(value);

function spreadText({ median, min, max }: Spread): string {
  return min === max ? numeral(median) : `${numeral(median)} (${numeral(min)}–${numeral(max)})`;
}

function row(each: Measurement, baseline: Measurement | undefined): string {
  const ratio = baseline === undefined ? '' : each === baseline ? '1' : `${spreadText(ratios(each.samples, baseline.samples))} ×`;
  const cells = [each.variant, spreadText(spread(each.samples)), String(each.samples.length), ratio, each.note ?? ''];
  return `| ${cells.join(' | ')} |`;
}

/** One table a case and unit, in the order of the measurements. */
function tables({ measurements, baseline }: RecordedRun): string {
  const groups = Map.groupBy(measurements, (each) => `${each.case}, ${each.unit}`);
  return [...groups]
    .map(([title, members]) => {
      const base = members.length > 1 ? members.find(({ variant }) => variant === baseline) : undefined;
      const head = `| **${title}** | median (min–max) | n | ratio to ${base ? baseline : '–'} | |`;
      return [head, '|---|---|---|---|---|', ...members.map((each) => row(each, base))].join('\n');
    })
    .join('\n\n');
}

const pairs = (record: Readonly<Record<string, string>>): string =>
  Object.entries(record)
    .map(([key, value]) => `${key} ${value}`)
    .join(' · ');

/** Tables, figures and notes of one benchmark, without a heading. @param folder where `bench/` is, seen from the text */
export function renderRun(run: RecordedRun, folder: string): string {
  const parts = [
    tables(run),
    ...run.figures.map((file) => `![${run.title}](${folder}${file})`),
    run.notes.map((note) => `- ${note}`).join('\n'),
    `Measured ${run.ranAt.slice(0, 10)} at ${run.commit}. ${pairs({ ...run.machine, ...run.environment })}.`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

const header = `# Results of \`make bench\`

Written by \`bench/run.ts\` from \`results.json\`; [docs/benchmarks.md](../docs/benchmarks.md) says what the figures mean and what they do not.
A ratio is one variant's figure over the baseline's: repetition by repetition, then their median with the least and the greatest. Rows of one table come from one run.
`;

export function renderResults(runs: readonly RecordedRun[]): string {
  return `${header}\n${runs.map((run) => `## ${run.title}\n\n${renderRun(run, '')}\n`).join('\n')}`;
}

/** Puts the runs into a text between `<!-- bench:NAME -->` and `<!-- /bench -->`. */
export function fillMarks(text: string, runs: readonly RecordedRun[], folder: string): string {
  return text.replace(/<!-- bench:([a-z0-9-]+) -->[^]*?<!-- \/bench -->/g, (whole, name: string) => {
    const run = runs.find((each) => each.name === name);
    return run === undefined ? whole : `<!-- bench:${name} -->\n${renderRun(run, folder)}\n<!-- /bench -->`;
  });
}
