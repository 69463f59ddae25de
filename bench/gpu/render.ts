/** What the GPU kit found as Markdown. Pure. */
import { renderRun } from '../render-results.ts';
import type { CudaFile, DeviceFile, FoundLibrary, TimesFile, VerifyFile } from './results.ts';

/** What the stages left; undefined: a stage did not come so far. */
export interface GpuResults {
  readonly cuda: CudaFile | undefined;
  readonly device: DeviceFile | undefined;
  readonly evaluations: VerifyFile | undefined;
  readonly trainings: VerifyFile | undefined;
  readonly times: TimesFile | undefined;
}

const dryRunText = 'DRY RUN ON CPU, not a GPU result';

/** One stage of a dry run is enough: what is shown together counts together. */
export const isDryRun = ({ cuda, device, evaluations, trainings, times }: GpuResults): boolean =>
  [cuda, device, times].some((stage) => stage?.dryRun === true) ||
  [evaluations, trainings].some((numbers) => numbers !== undefined && numbers.on !== 'native-gpu');

const notReached = '*Not reached.*';

const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Strings and numbers as they are, the rest as `name value`. */
function plain(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name} ${String(each)}`)
    .join(', ');
}

function stage(file: CudaFile | DeviceFile | undefined, left: readonly string[] = []): string {
  if (file === undefined) return notReached;
  const rows = Object.entries(file.found).filter(([name]) => !left.includes(name));
  const failed = file.failed === null ? [] : [`**Failed:** ${file.failed}`];
  return [
    ...failed,
    table(
      ['asked', 'found'],
      rows.map(([name, value]) => [name, plain(value)]),
    ),
  ].join('\n\n');
}

function libraryRow({ name, path, from = '', standsIn = false }: FoundLibrary): string[] {
  return [name, path === null ? 'not there' : `\`${path}\``, from, standsIn ? 'stands in' : ''];
}

function libraries(cuda: CudaFile | undefined): string {
  if (cuda === undefined) return notReached;
  const { required, optional } = cuda.found.report;
  return table(['asked for', 'file', 'from', ''], [...required, ...optional].map(libraryRow));
}

type Cell = VerifyFile['cells'][number];

/** The number of each cell that lies furthest towards its tolerance or beyond, worst first. */
function worstOf(cells: readonly Cell[]): string[][] {
  const worst = cells.flatMap(({ what, worst = [] }) => worst.slice(0, 1).map((each) => ({ ...each, what })));
  const share = ({ difference, allowed }: { difference: unknown; allowed: unknown }): number =>
    Number(difference) / Number(allowed);
  return worst
    .sort((a, b) => share(b) - share(a))
    .slice(0, 5)
    .map(({ metric, place, difference, allowed, what }) => [
      `${metric} ${place}`.trim(),
      Number(difference).toPrecision(2),
      Number(allowed).toPrecision(2),
      what,
    ]);
}

function numbers(what: string, file: VerifyFile | undefined): string {
  if (file === undefined) return `${what}: ${notReached}`;
  const { cells, backend, on } = file;
  const sum = (key: 'compared' | 'differing' | 'beyond'): string =>
    cells.reduce((total, cell) => total + (cell[key] ?? 0), 0).toLocaleString('en');
  const failed = cells.filter(({ verdict }) => verdict === 'differs' || verdict === 'not run again');
  const unlike = new Set(cells.flatMap((cell) => cell.unlike ?? []));
  const worst = worstOf(cells);
  return [
    `${what}, ${on} against ${backend}: **${cells.length - failed.length} of ${cells.length} verified**; ${sum('beyond')} of ${sum('compared')} numbers beyond what is allowed, ${sum('differing')} not equal.`,
    unlike.size === 0 ? 'Equality was demanded.' : `Tolerances decide, because of ${[...unlike].join('; ')}.`,
    ...(worst.length === 0 ? [] : [table(['worst of a cell', 'differs by', 'may differ by', 'cell'], worst)]),
    ...failed.slice(0, 10).map(({ what: cell, verdict }) => `- ${cell}: ${verdict}`),
  ].join('\n\n');
}

export function renderGpu(results: GpuResults): string {
  const { cuda, device, evaluations, trainings, times } = results;
  return (
    [
      '# native-gpu on a GPU',
      'Written by `scripts/gpu-kit.sh` ([how](README.md)).',
      ...(isDryRun(results) ? [`**${dryRunText}**`] : []),
      '## Machine',
      stage(cuda, ['report']),
      '## Libraries',
      libraries(cuda),
      '## What TensorFlow computes on',
      stage(device),
      '## Numbers against native-cpu',
      numbers('Evaluations of equal weights', evaluations),
      numbers('Trainings from the start', trainings),
      '## Times',
      times === undefined ? notReached : renderRun(times, '../'),
    ].join('\n\n') + '\n'
  );
}
