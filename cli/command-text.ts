/** Commands as a person types them, for "Next:" and remedies. */
const plain = /^[\w@%+=:,./-]+$/;
const quoted = (word: string): string => (plain.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** Words of a command line, quoted where a POSIX shell would read them otherwise. */
export const commandText = (...words: readonly string[]): string => words.map(quoted).join(' ');

/** What of a command on a sweep file the next one must say, too. */
export interface SameSweep {
  readonly file: string;
  readonly set: readonly string[];
  readonly store?: string | undefined;
  readonly backend?: string | undefined;
}

/** The default store needs no naming. */
export const storeWords = (store: string | undefined, defaultStore?: string): readonly string[] =>
  store === undefined || store === defaultStore ? [] : ['--store', store];

/** Words that name the sweep of a command again. */
export function sameSweep({ file, set, store, backend }: SameSweep, defaultStore?: string): readonly string[] {
  const overrides = set.flatMap((override) => ['--set', override]);
  return [file, ...overrides, ...storeWords(store, defaultStore), ...(backend === undefined ? [] : ['--backend', backend])];
}
