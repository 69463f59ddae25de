/** The filter of the page: `axis=value[,value…]`, several apart by spaces, in the grammar of `--where`, and `state=…` besides. Pure. */
import { cellStates, columnAxes, rowAxes, type LayoutAxis } from '../state/wire.ts';
import type { ClientSweep } from './client-sweep.ts';

const axes: readonly string[] = [...rowAxes, ...columnAxes, 'state'];

export interface Filter {
  readonly fits: (cell: number) => boolean;
  /** What cannot be meant, with what could be. */
  readonly problem: string | undefined;
}

/** Values of several words on the same axis add up; all axes must match. */
export function filterOf(sweep: ClientSweep, text: string): Filter {
  const wanted = new Map<string, Set<string>>();
  let problem: string | undefined;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, axis = '', values = ''] = /^([^=\s]+)=(.+)$/.exec(word) ?? [];
    if (axis === '')
      problem ??= `${word}: expected axis=value, such as training=${sweep.head.layout.names.training[0]?.[0] ?? 'AT'}`;
    else if (!axes.includes(axis)) problem ??= `"${axis}" is not an axis; choose from ${axes.join(', ')}`;
    else {
      const known = knownValues(sweep, axis);
      const unknown = values.split(',').find((value) => !known.has(value));
      if (unknown !== undefined) problem ??= `no cell has ${axis}=${unknown}; choose from ${[...known].slice(0, 12).join(', ')}`;
      wanted.set(axis, new Set([...(wanted.get(axis) ?? []), ...values.split(',')]));
    }
  }
  const namesOf = (cell: number, axis: string): readonly string[] =>
    axis === 'state' ? [sweep.state(cell)] : sweep.namesOf(cell, axis as LayoutAxis);
  const entries = [...wanted];
  return {
    problem,
    fits: (cell) => entries.every(([axis, values]) => namesOf(cell, axis).some((name) => values.has(name))),
  };
}

const knownValues = (sweep: ClientSweep, axis: string): ReadonlySet<string> =>
  new Set(axis === 'state' ? cellStates : sweep.head.layout.names[axis as LayoutAxis].flat());
