/** `--set path=value`: changes a sweep before it is checked, so that an override is checked like the file. */
import { isMap, isSeq, parseDocument, visit, type Document } from 'yaml';
import { scalarProblem } from './scalar-problem.ts';
import { type Problem, type SpecPath, foundText } from './problem.ts';

export interface Override {
  readonly path: SpecPath;
  /** The override as the user wrote it. */
  readonly origin: string;
}

const roots = ['apiVersion', 'kind', 'metadata', 'spec'];
const step = /^(?:\.?([A-Za-z][\w.-]*?(?=[.[]|$))|\[([^\]]+)\])/;

/** `training[AT].epochs` → steps: field names, and what is in brackets. */
function stepsOf(text: string): ({ field: string } | { entry: string })[] | undefined {
  const steps: ({ field: string } | { entry: string })[] = [];
  let rest = text;
  while (rest !== '') {
    const match = step.exec(rest);
    if (match === null) return undefined;
    steps.push(match[1] === undefined ? { entry: match[2]! } : { field: match[1] });
    rest = rest.slice(match[0].length);
  }
  return steps.length > 0 && 'field' in steps[0]! ? steps : undefined;
}

const nameOf = (item: unknown): unknown => (isMap(item) ? (item.get('as') ?? item.get('name')) : undefined);

/** Index of an entry that is given by its number or its label. */
function entryIndex(list: unknown, entry: string): number | undefined {
  const items = isSeq(list) ? list.items : [];
  if (/^\d{1,6}$/.test(entry)) return Number(entry) <= items.length ? Number(entry) : undefined;
  const index = items.findIndex((item) => nameOf(item) === entry);
  return index === -1 ? undefined : index;
}

const problem = (origin: string, expected: string, remedy: string): Problem => ({ path: [], found: origin, expected, remedy });

/** What is wrong with a value in itself. */
function firstProblem(value: Document): Omit<Problem, 'path'> | undefined {
  let found: Omit<Problem, 'path'> | undefined;
  visit(value, {
    Scalar: (_key, node) => {
      found = scalarProblem(node);
      return found === undefined ? undefined : visit.BREAK;
    },
  });
  return found;
}

/** Changes the document. @returns where it changed, or what is wrong with the override */
export function applyOverride(document: Document, text: string): Override | Problem {
  const origin = `--set ${text}`;
  const equals = text.indexOf('=');
  const steps = stepsOf(text.slice(0, Math.max(equals, 0)));
  if (steps === undefined) return problem(origin, 'path=value', 'as in --set training[AT].epochs=20 or --set seed=[1,2]');
  const path: (string | number)[] = 'field' in steps[0]! && roots.includes(steps[0].field) ? [] : ['spec'];
  for (const part of steps) {
    if ('field' in part) path.push(part.field);
    else {
      const index = entryIndex(document.getIn(path, true), part.entry);
      if (index === undefined)
        return problem(
          origin,
          `an entry [${part.entry}] in the list before it`,
          'name an entry by its number, from 0, or by its name',
        );
      path.push(index);
    }
  }
  try {
    const value = parseDocument(text.slice(equals + 1), { prettyErrors: false });
    const [error] = value.errors;
    if (error !== undefined) throw error;
    const odd = firstProblem(value);
    if (odd !== undefined) return problem(origin, `${odd.expected}; ${odd.found} is none`, odd.remedy);
    document.setIn(path, document.createNode(value.toJS({ maxAliasCount: 0 }) as unknown));
  } catch (error) {
    return problem(origin, 'a value in YAML, at a place that exists', `check path and quotes: ${foundText(String(error))}`);
  }
  return { path, origin };
}
