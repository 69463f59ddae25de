/**
 * Sections that fold. The anchor is inside what folds, so that a link to it, or a search on the page, unfolds it without a script; on paper
 * everything is unfolded.
 */
import { html, type Markup } from './markup.ts';

interface Section {
  /** Its anchor. */
  readonly id: string;
  readonly title: string;
  /** What is inside, in a few words. */
  readonly summary: string | Markup;
  readonly isOpen: boolean;
}

export const foldedSection = ({ id, title, summary, isOpen }: Section, content: Markup): Markup =>
  html`<section>
    <details class="fold" ${isOpen ? html` open` : undefined}>
      <summary>
        <h2>${title}</h2>
        <span class="note">${summary}</span>
      </summary>
      <div id="${id}" class="inside">${content}</div>
    </details>
  </section>`;

interface Part<T> {
  readonly name: string;
  readonly summary?: Markup | undefined;
  readonly of: T;
}

/** Parts of a section under their names, of which the first is open; a single part stands without a name. */
export function foldedParts<T>(parts: readonly Part<T>[], draw: (part: T) => Markup): Markup {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return draw(only.of);
  return html`${parts.map(
    ({ name, summary, of }, i) =>
      html`<details class="fold part" ${i === 0 ? html` open` : undefined}>
        <summary>
          <h3>${name}</h3>
          ${summary === undefined ? undefined : html`<span class="note">${summary}</span>`}
        </summary>
        <div class="inside">${draw(of)}</div>
      </details>`,
  )}`;
}
