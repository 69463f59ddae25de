/** The table of cells: filtered as `--where` does, sorted by any column, with the columns on which cells differ. Only rows in view exist. */
import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { headlines, type Headline, type LayoutAxis } from '../../state/wire.ts';
import type { ViewProps } from '../view-props.ts';
import type { ClientSweep } from '../client-sweep.ts';
import { countText, numberText, stateWords } from '../format.ts';
import { html } from '../html.ts';
import { go, route } from '../route.ts';
import { filterOf } from '../where.ts';

const rowHeight = 30;
/** Rows beyond the window, so that scrolling shows no gap. */
const spare = 8;

type Column = LayoutAxis | Headline | 'state';

interface Order {
  readonly by: Column | undefined;
  readonly isDown: boolean;
}

const isHeadline = (column: Column): column is Headline => (headlines as readonly string[]).includes(column);

function textOf(sweep: ClientSweep, cell: number, column: Column): string {
  if (column === 'state') return stateWords[sweep.state(cell)];
  if (isHeadline(column)) return numberText(sweep.value(cell, column));
  return column === 'attack' && sweep.isWeights(cell) ? 'weights' : sweep.nameOf(cell, column);
}

/** Cells of the filter in the wanted order; cells without the number come last either way. */
function chosenCells(
  sweep: ClientSweep,
  where: string,
  { by, isDown }: Order,
): { cells: readonly number[]; problem: string | undefined } {
  const { fits, problem } = filterOf(sweep, where);
  const cells: number[] = [];
  for (let cell = 0; cell < sweep.head.cells; cell++) if (fits(cell)) cells.push(cell);
  if (by === undefined) return { cells, problem };
  const sign = isDown ? -1 : 1;
  if (isHeadline(by)) {
    const values = sweep.columns.values[by];
    const last = (cell: number): number => (Number.isNaN(values[cell]) ? 1 : 0);
    cells.sort((a, b) => last(a) - last(b) || sign * (values[a]! - values[b]!) || a - b);
  } else {
    const keys = new Map(cells.map((cell) => [cell, sortKey(sweep, cell, by)]));
    cells.sort((a, b) => sign * compare(keys.get(a)!, keys.get(b)!) || a - b);
  }
  return { cells, problem };
}

/** Numbers and fractions by size, other names as they are. */
function sortKey(sweep: ClientSweep, cell: number, column: Exclude<Column, Headline>): number | string {
  const text = column === 'state' ? sweep.state(cell) : sweep.nameOf(cell, column);
  const [, whole, divisor = '1'] = /^(\d+(?:\.\d+)?)(?:\/(\d+))?$/.exec(text) ?? [];
  return whole === undefined ? text : Number(whole) / Number(divisor);
}

const compare = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

export function RunsView({ model, sweep }: ViewProps): VNode {
  const tick = model.tick.value;
  const { where, cell: open } = route.value;
  const [order, setOrder] = useState<Order>({ by: undefined, isDown: true });
  const [window, setWindow] = useState({ top: 0, height: 600 });
  const table = useRef<HTMLDivElement>(null);
  const { cells, problem } = useMemo(() => chosenCells(sweep, where, order), [sweep, where, order, tick]);
  const columns: readonly Column[] = ['state', ...sweep.varying, ...sweep.measured()];
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWindow((before) => ({ ...before, height: entry?.contentRect.height ?? 600 })),
    );
    observer.observe(table.current!);
    return () => observer.disconnect();
  }, []);

  const first = Math.max(0, Math.floor(window.top / rowHeight) - spare);
  const visible = cells.slice(first, first + Math.ceil(window.height / rowHeight) + 2 * spare);
  const template = columns.map((column) => (isHeadline(column) ? 'minmax(5rem,8rem)' : 'minmax(5.5rem,12rem)')).join(' ');
  const style = { gridTemplateColumns: template };
  const sortBy = (column: Column): void =>
    setOrder(
      order.by === column
        ? order.isDown
          ? { by: column, isDown: false }
          : { by: undefined, isDown: true }
        : { by: column, isDown: true },
    );
  const onKey = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    const at = open === undefined ? -1 : cells.indexOf(open);
    const next = cells[Math.min(cells.length - 1, Math.max(0, at + step))];
    if (next === undefined) return;
    event.preventDefault();
    go({ cell: next }, true);
    const y = cells.indexOf(next) * rowHeight;
    const element = table.current!;
    if (y < element.scrollTop || y > element.scrollTop + element.clientHeight - 3 * rowHeight)
      element.scrollTop = y - element.clientHeight / 2;
  };
  return html`<div class="tools">
      <label
        >Filter
        <input
          type="search"
          size="44"
          value=${where}
          placeholder="training=AT epsilon=8/255 state=parked"
          spellcheck="false"
          onInput=${(event: Event) => go({ where: (event.target as HTMLInputElement).value }, true)}
      /></label>
      <span role="status">${problem ?? `${countText(cells.length)} of ${countText(sweep.head.cells)} cells`}</span>
    </div>
    <div
      class="table"
      ref=${table}
      tabindex="0"
      role="grid"
      aria-label="Cells"
      aria-rowcount=${cells.length + 1}
      onKeyDown=${onKey}
      onScroll=${(event: Event) => setWindow({ ...window, top: (event.currentTarget as HTMLElement).scrollTop })}
    >
      <div class="row title" role="row" style=${style}>
        ${columns.map(
          (column) =>
            html`<span
              role="columnheader"
              class=${isHeadline(column) ? 'num' : ''}
              aria-sort=${order.by === column ? (order.isDown ? 'descending' : 'ascending') : 'none'}
              ><button aria-pressed=${order.by === column} onClick=${() => sortBy(column)}>
                ${column}${order.by === column ? (order.isDown ? ' ↓' : ' ↑') : ''}
              </button></span
            >`,
        )}
      </div>
      <div style=${{ height: `${Math.min(cells.length * rowHeight, 30_000_000)}px`, position: 'relative' }}>
        ${visible.map(
          (cell, i) =>
            html`<div
              key=${cell}
              role="row"
              aria-rowindex=${first + i + 2}
              class=${cell === open ? 'row at' : 'row'}
              style=${{ ...style, top: `${(first + i) * rowHeight}px` }}
              onClick=${() => go({ cell })}
            >
              ${columns.map(
                (column) =>
                  html`<span role="gridcell" class=${isHeadline(column) ? 'num' : ''}
                    >${column === 'state' && html`<i class=${`swatch is-${sweep.state(cell)}`}></i>`}${textOf(sweep, cell, column)}</span
                  >`,
              )}
            </div>`,
        )}
      </div>
    </div>`;
}
