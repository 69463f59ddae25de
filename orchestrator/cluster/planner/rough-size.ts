/**
 * About how many points a spec asks for, judged by its text alone: small Sweeps are planned before large ones, and beside them. The
 * spec may be invalid, so nothing is checked; a spec that is larger than it seems shows in the time that its planning takes. Pure.
 */

/** Axes of the whole sweep, and of each grid, as the spec writes them. */
const sweepAxes = ['dataset', 'architecture', 'training', 'seed'];
const gridAxes = ['epoch', 'attack', 'epsilon', 'layer', 'pooling', 'split', 'labels'];

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function numberOf(text: string): number {
  const [num = '', den = '1'] = text.split('/');
  return Number(num) / Number(den);
}

/** "1..5" → 5, "1/255..20/255 step 1/255" → 20; 1 for anything that is not a range. */
function rangeSize(entry: unknown): number {
  const [, from = '', to = '', step = '1'] =
    typeof entry === 'string' ? (/^(.+)\.\.(\S+)(?: step (\S+))?$/.exec(entry) ?? []) : [];
  const size = Math.floor((numberOf(to) - numberOf(from)) / numberOf(step)) + 1;
  return Number.isFinite(size) && size > 1 ? size : 1;
}

const axisSize = (value: unknown): number =>
  Array.isArray(value)
    ? Math.max(
        1,
        value.map(rangeSize).reduce((a, b) => a + b, 0),
      )
    : 1;

const product = (of: Readonly<Record<string, unknown>>, axes: readonly string[]): number =>
  axes.reduce((points, axis) => points * axisSize(of[axis]), 1);

export function roughSize(spec: unknown): number {
  const fields = fieldsOf(spec);
  const grids = Array.isArray(fields['grids']) ? (fields['grids'] as unknown[]) : [];
  const points = grids.map((grid) => product(fieldsOf(grid), gridAxes)).reduce((a, b) => a + b, 0);
  return product(fields, sweepAxes) * Math.max(1, points);
}
