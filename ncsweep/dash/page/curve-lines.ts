/** Which curves a sweep has, from the numbers of its cells: by epoch where it keeps several snapshots, else by budget. Pure. */
import type { Headline, LayoutAxis } from '../state/wire.ts';
import type { ClientSweep } from './client-sweep.ts';

export type CurveAxis = 'epoch' | 'epsilon';

export interface CurveLine {
  readonly name: string;
  /** Number of the training, which gives the colour. */
  readonly training: number;
  readonly seeds: readonly (readonly (readonly [number, number])[])[];
}

export interface CurveSet {
  readonly title: string;
  readonly metric: Headline;
  readonly lines: readonly CurveLine[];
  /** Lines that there would be besides, because only so many are drawn. */
  readonly leftOut: number;
}

/** Lines in one chart. */
export const mostLines = 10;

/** "8/255" as a number. */
export function fractionOf(text: string): number {
  const [top = 'NaN', bottom = '1'] = text.split('/');
  return Number(top) / Number(bottom);
}

export const axesWithCurves = ({ varying }: ClientSweep): readonly CurveAxis[] =>
  (['epoch', 'epsilon'] as const).filter((axis) => varying.includes(axis));

interface Point {
  readonly chart: string;
  readonly line: string;
  readonly training: number;
  readonly seed: string;
  readonly x: number;
  readonly y: number;
}

/** Where a cell stands on a curve; the clean evaluation begins each curve of a budget. */
function* pointsOf(sweep: ClientSweep, axis: CurveAxis, metric: Headline): Generator<Point> {
  const places = (['dataset', 'architecture'] as const).filter((each) => sweep.varying.includes(each));
  const attacks = sweep.head.layout.names.attack.filter((names) => !names.includes('none')).map(([name = '']) => name);
  for (let cell = 0; cell < sweep.head.cells; cell++) {
    const y = sweep.value(cell, metric);
    if (sweep.isWeights(cell) || !Number.isFinite(y) || sweep.state(cell) !== 'done') continue;
    const name = (of: LayoutAxis): string => sweep.nameOf(cell, of);
    const training = sweep.head.layout.rows.training[sweep.columns.rowOf[cell]!]!;
    const isLast = sweep.namesOf(cell, 'epoch').includes('last');
    const base = { line: [...places.map(name), name('training')].join(' '), training, seed: name('seed'), y };
    if (axis === 'epoch') {
      const attack = sweep.isClean(cell) ? 'clean' : `${name('attack')} ${name('epsilon')}`;
      yield { ...base, chart: `${metric}, ${attack}, ${name('split')}`, x: Number(name('epoch')) };
      continue;
    }
    if (!isLast) continue;
    const [attack, x] = [name('attack'), fractionOf(name('epsilon'))];
    if (!sweep.isClean(cell)) yield { ...base, chart: `${metric}, ${attack}, ${name('split')}`, x };
    else for (const each of attacks) yield { ...base, chart: `${metric}, ${each}, ${name('split')}`, x: 0 };
  }
}

export function curveSets(sweep: ClientSweep, axis: CurveAxis, metric: Headline): readonly CurveSet[] {
  const charts = Map.groupBy(pointsOf(sweep, axis, metric), ({ chart }) => chart);
  return [...charts].flatMap(([title, points]) => {
    if (new Set(points.map(({ x }) => x)).size < 2) return [];
    const lines = [...Map.groupBy(points, ({ line }) => line)].map(([name, own]): CurveLine => ({
      name,
      training: own[0]!.training,
      seeds: [...Map.groupBy(own, ({ seed }) => seed).values()].map((seed) =>
        seed.map(({ x, y }) => [x, y] as const).sort((a, b) => a[0] - b[0]),
      ),
    }));
    return [{ title, metric, lines: lines.slice(0, mostLines), leftOut: Math.max(0, lines.length - mostLines) }];
  });
}
