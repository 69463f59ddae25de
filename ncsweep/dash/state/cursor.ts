/** How far a page has seen the changes of a server, as the id of its events: `<origin>.<version>`. */

/** @param origin names one start of a server: versions of another one mean nothing */
export const cursorText = (origin: string, version: number): string => `${origin}.${version}`;

/** @returns the version, or undefined when the text is no cursor of this origin, or is ahead of what has happened */
export function versionOf(text: string | undefined, origin: string, newest: number): number | undefined {
  const [, of, digits] = /^([\w-]{1,64})\.(\d{1,15})$/.exec(text ?? '') ?? [];
  if (of !== origin || digits === undefined) return undefined;
  const version = Number(digits);
  return version <= newest ? version : undefined;
}
