/** 3. Whether the attack is valid, before any curve. */
import { html, type Markup } from '../markup.ts';
import { perSetting, type View } from '../view.ts';

const signs = { passed: '✓', failed: '✗', 'not run': '–' } as const;

export function attackValidity(view: View): Markup {
  return html`<section id="attacks">
    <h2>Attack validity</h2>
    <p class="lead">
      Read this before any curve: a weak attack makes every network look robust. A failed check dims the verdicts that depend on
      it; a check that was not run decides nothing.
    </p>
    ${perSetting(view, ({ checks }) => {
      const titles = [...new Set(checks.map((c) => c.title))];
      return html`<ul class="checks">
        ${titles.map(
          (title) =>
            html`<li>
              <h4>${title}</h4>
              ${checks
                .filter((c) => c.title === title)
                .map(
                  (c) =>
                    html`<p>
                      <span class="mark ${c.state.replace(' ', '-')}">${signs[c.state]}</span>
                      <span
                        ><b>${c.training}</b> <span class="note">${c.state === 'not run' ? 'not run: ' : ''}${c.note}</span></span
                      >
                    </p>`,
                )}
            </li>`,
        )}
      </ul>`;
    })}
  </section>`;
}
