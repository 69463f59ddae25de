/** The same text, with values in its holes. @param text "expected {names}, found {found}" */
export const fill = (text: string, holes: Readonly<Record<string, string>>): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => holes[name] ?? '');
