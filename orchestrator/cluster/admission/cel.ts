/** CEL, the language of ValidatingAdmissionPolicies: whether something in an object is wrong, and a message about the first place. Pure. */

/** From a value to what is below it: a field by its name, or each entry of a list. */
export type Step = string;
/** The step to each entry. */
export const each = '*';

/** A text as it is, or an expression whose value is a text. */
export type Part = string | { readonly cel: string };

export const literal = (value: unknown): string => JSON.stringify(value);

/** The parts of a text with holes, "expected {names}, found {found}" (planning/spec/filled-text.ts). */
export const parts = (text: string, holes: Readonly<Record<string, readonly Part[]>>): Part[] =>
  text.split(/\{(\w+)\}/).flatMap((part, i) => (i % 2 === 0 ? [part] : (holes[part] ?? [])));

/** An expression of the parts one after the other. */
export function concatenation(all: readonly Part[]): string {
  const terms: string[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') terms.push(literal(text));
    text = '';
  };
  for (const part of all) {
    if (typeof part === 'string') text += part;
    else {
      flush();
      terms.push(`(${part.cel})`);
    }
  }
  flush();
  return terms.join(' + ');
}

/** Whether a value is wrong: an expression about the expression `value`. */
export type Fault = (value: string) => string;

/** Whether anything at the end of the steps is wrong. Places that are not there are right. @param depth keeps names of variables apart */
export function isWrong(value: string, [step, ...rest]: readonly Step[], fault: Fault, depth = 0): string {
  if (step === undefined) return `(${fault(value)})`;
  if (step === each) {
    const entry = `v${depth}`;
    return `${value}.exists(${entry}, ${isWrong(entry, rest, fault, depth + 1)})`;
  }
  return `(has(${value}.${step}) && ${isWrong(`${value}.${step}`, rest, fault, depth)})`;
}

/** An expression of a message about a value that is wrong. @param path of the value, below where the steps began */
export type Message = (path: readonly Part[], value: string) => string;

/** The message about the first place at which something is wrong. `variables.indexes` is the list of the indexes that are looked at. */
export function firstMessage(
  value: string,
  [step, ...rest]: readonly Step[],
  fault: Fault,
  message: Message,
  path: readonly Part[] = [],
): string {
  if (step === undefined) return message(path, value);
  if (step !== each) return firstMessage(`${value}.${step}`, rest, fault, message, [...path, `.${step}`]);
  const i = `i${path.length}`;
  const wrongOnes = `variables.indexes.filter(${i}, ${i} < size(${value}) && ${isWrong(`${value}[${i}]`, rest, fault)})`;
  const inner = firstMessage(`${value}[${i}]`, rest, fault, message, [...path, '[', { cel: `string(${i})` }, ']']);
  return `${wrongOnes}.map(${i}, ${inner})[0]`;
}
