/** Commands as a user would type them, for "Next:" and remedies. */
const plain = /^[\w@%+=:,./-]+$/;
const quoted = (word: string): string => (plain.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** Words of a command line, quoted where a POSIX shell would otherwise misread them. */
export const commandText = (...words: readonly string[]): string => words.map(quoted).join(' ');

/** The arguments of a command on a sweep file that the next command must repeat. */
export interface SameSweep {
  readonly file: string;
  readonly set: readonly string[];
  readonly store?: string | undefined;
  readonly backend?: string | undefined;
}

/** Names the store, unless it is the default. */
export const storeWords = (store: string | undefined, defaultStore?: string): readonly string[] =>
  store === undefined || store === defaultStore ? [] : ['--store', store];

/** Words that name the same sweep in another command. */
export function sameSweep({ file, set, store, backend }: SameSweep, defaultStore?: string): readonly string[] {
  const overrides = set.flatMap((override) => ['--set', override]);
  return [file, ...overrides, ...storeWords(store, defaultStore), ...(backend === undefined ? [] : ['--backend', backend])];
}
