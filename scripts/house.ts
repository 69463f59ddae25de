/** The rooms of the tree and the arrows between them, drawn from the imports of its sources. Pure. */

/** What one room does to another: loads its code, only names its types, or starts its programs. */
type Reason = 'loads' | 'names' | 'starts';

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly reason: Reason;
}

const rooms = ['cli', 'ncsweep', 'orchestrator', 'report', 'worker', 'catalog', 'collapse', 'protocol'] as const;
const roomsOfOrchestrator = ['kube', 'cluster', 'engine', 'planning'];

/** Whether a file is part of what runs. */
export const isSource = (path: string): boolean =>
  /[.]ts$/.test(path) && !/[.]test[.]ts$|[.]d[.]ts$|\/(testing|fixtures)\//.test(path) && roomOf(path) !== undefined;

/** The room of a file: a folder of the root, or one of the orchestrator's rooms. */
function roomOf(path: string): string | undefined {
  const [top = '', next = ''] = path.split('/');
  if (!rooms.some((room) => room === top)) return undefined;
  return top === 'orchestrator' ? `${top}/${roomsOfOrchestrator.includes(next) ? next : 'main'}` : top;
}

/** The path that a specifier means, as far as its room. */
function meant(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) return new URL(specifier, `file:///${from}`).pathname.slice(1);
  if (specifier === 'ncsweep' || specifier.startsWith('ncsweep/')) return specifier;
  return specifier.startsWith('@ncsweep/') ? specifier.slice('@ncsweep/'.length) : undefined;
}

const statement =
  /(?:^|\n)\s*(import|export)( type)?\s(?:[^;'"]*?from\s+)?'([^']+)'|\b(import|import\.meta\.resolve)\(['`]([^'`]+)['`]\)/g;

function importsOf(path: string, text: string): Arrow[] {
  const from = roomOf(path);
  return [...text.matchAll(statement)].flatMap((match): Arrow[] => {
    const [, , type, target, call, called] = match;
    const to = roomOf(`${meant(target ?? called ?? '', path) ?? ''}/`);
    if (from === undefined || to === undefined || from === to) return [];
    return [{ from, to, reason: call === 'import.meta.resolve' ? 'starts' : type === undefined ? 'loads' : 'names' }];
  });
}

const strength: readonly Reason[] = ['names', 'starts', 'loads'];

/** One arrow between two rooms, for the strongest of the reasons. @param files text by path of the sources */
export function arrowsOf(files: ReadonlyMap<string, string>): Arrow[] {
  const strongest = new Map<string, Arrow>();
  for (const arrow of [...files].flatMap(([path, text]) => importsOf(path, text))) {
    const key = `${arrow.from} ${arrow.to}`;
    const known = strongest.get(key);
    if (known === undefined || strength.indexOf(known.reason) < strength.indexOf(arrow.reason)) strongest.set(key, arrow);
  }
  return [...strongest.values()];
}

/** The rooms from top to ground, so that every arrow leads down. @throws RangeError when arrows run in a circle */
export function floorsOf(arrows: readonly Arrow[]): string[][] {
  const left = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const floors: string[][] = [];
  while (left.size > 0) {
    const floor = [...left].filter((room) => !arrows.some(({ from, to }) => to === room && left.has(from)));
    if (floor.length === 0) throw new RangeError(`arrows run in a circle through ${[...left].join(', ')}`);
    floors.push(floor.sort());
    for (const room of floor) left.delete(room);
  }
  return floors;
}

/** Whether a longer way of arrows of the same kind leads there too. */
function isImplied({ from, to, reason }: Arrow, arrows: readonly Arrow[]): boolean {
  const reached = new Set<string>();
  const visit = (room: string): void => {
    for (const next of arrows.filter((each) => each.from === room && each.reason === 'loads'))
      if (!(room === from && next.to === to) && !reached.has(next.to)) {
        reached.add(next.to);
        visit(next.to);
      }
  };
  visit(from);
  return reason !== 'starts' && reached.has(to);
}

const line: Readonly<Record<Reason, string>> = { loads: '-->', names: '-. types .->', starts: '-. starts .->' };

/** A name that Mermaid takes for a node. */
const idOf = (room: string): string => room.replace('/', '_');

/** A Mermaid drawing: arrows that longer ways imply are left out. @throws RangeError when arrows run in a circle */
export function drawHouse(arrows: readonly Arrow[]): string {
  const floors = floorsOf(arrows);
  const drawn = arrows.filter((arrow) => !isImplied(arrow, arrows));
  const order = floors.flat();
  const labels = order.filter((room) => room !== idOf(room)).map((room) => `  ${idOf(room)}["${room}"]`);
  const texts = drawn
    .sort((a, b) => order.indexOf(a.from) - order.indexOf(b.from) || order.indexOf(a.to) - order.indexOf(b.to))
    .map(({ from, to, reason }) => `  ${idOf(from)} ${line[reason]} ${idOf(to)}`);
  return ['```mermaid', 'flowchart TD', ...labels, ...texts, '```'].join('\n');
}
