/** Finds links, headings and prose in Markdown as GitHub reads it, for the subset that this repository uses. */

interface Placed {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/g, ' ');

/** Blanks fenced blocks, so that lines keep their numbers. */
const withoutFences = (markdown: string): string => markdown.replaceAll(/^( *)(`{3,}|~{3,}).*?^\1\2 *$/gms, blank);

/** Replaces code with x, so that brackets in it are not links. */
const withoutCode = (markdown: string): string =>
  withoutFences(markdown).replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, (span) => 'x'.repeat(span.length));

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

const linkPatterns = [
  /\]\(\s*<?([^\s()<>]+)>?(?:\s+"[^"]*")?\s*\)/g, // [text](target "title"), ![text](target)
  /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)/gm, // [label]: target
  /\b(?:href|src)="([^"]+)"/g,
];

/** Targets of all links and images. */
export function linksOf(markdown: string): Placed[] {
  const text = withoutCode(markdown);
  return linkPatterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map((match) => ({ text: match[1]!, line: lineAt(text, match.index) })),
  );
}

const plain = (heading: string): string =>
  heading
    .replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')
    .trim();

/** Texts of the headings. */
export const headingsOf = (markdown: string): string[] =>
  [...withoutFences(markdown).matchAll(/^#{1,6}\s+(.+?)\s*#*\s*$/gm)].map((match) => plain(match[1]!));

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** What a link to a place in this file may name: a heading's slug, numbered when it repeats, or an id. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const anchors = new Set<string>([...markdown.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1]!));
  for (const heading of headingsOf(markdown)) {
    const name = slug(heading);
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    anchors.add(before === 0 ? name : `${name}-${before}`);
  }
  return anchors;
}
