/** What the page shows, kept in the address after the `#`, so that a view can be linked and the browser's Back works. */
import { signal } from '@preact/signals-core';

export const views = ['grid', 'runs', 'curves', 'workers', 'verdicts'] as const;
export type View = (typeof views)[number];

export interface Route {
  readonly sweep: string | undefined;
  readonly view: View;
  /** Shown beside the view. */
  readonly cell: number | undefined;
  /** Filter of the runs. */
  readonly where: string;
}

export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?');
  const [, sweep, view] = path.split('/').map(decoded);
  const asked = new URLSearchParams(query);
  const cell = asked.get('cell');
  return {
    sweep: sweep === undefined || sweep === '' ? undefined : sweep,
    view: views.find((known) => known === view) ?? 'grid',
    cell: cell !== null && /^\d{1,9}$/.test(cell) ? Number(cell) : undefined,
    where: asked.get('where') ?? '',
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function hashOf({ sweep, view, cell, where }: Route): string {
  const query = new URLSearchParams();
  if (cell !== undefined) query.set('cell', String(cell));
  if (where !== '') query.set('where', where);
  const asked = query.size === 0 ? '' : `?${query.toString()}`;
  return `#/${encodeURIComponent(sweep ?? '')}/${view}${asked}`;
}

export const route = signal(routeOf(location.hash));
addEventListener('hashchange', () => {
  route.value = routeOf(location.hash);
});

/** Changes a part of the route. @param replace leaves no entry for Back, as for each letter of a filter */
export function go(change: Partial<Route>, replace = false): void {
  const hash = hashOf({ ...route.value, ...change });
  if (replace) history.replaceState(null, '', hash);
  else history.pushState(null, '', hash);
  route.value = routeOf(hash);
}
