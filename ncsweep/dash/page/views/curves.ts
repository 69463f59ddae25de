/** Curves of what is committed: by epoch, or by budget. The seeds are always visible behind their mean. */
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Headline } from '../../state/wire.ts';
import type { ViewProps } from '../view-props.ts';
import { axesWithCurves, curveSets, fractionOf, type CurveAxis } from '../curve-lines.ts';
import { html } from '../html.ts';
import { LineChart } from '../line-chart.ts';

const hues = ['vermillion', 'blue', 'green', 'purple', 'orange', 'sky'] as const;
const colourOf = (training: number): string => `var(--${hues[training % hues.length]!})`;

export function CurvesView({ model, sweep }: ViewProps): VNode {
  const tick = model.tick.value;
  const axes = axesWithCurves(sweep);
  const [chosenAxis, setAxis] = useState<CurveAxis | undefined>(undefined);
  const [chosenMetric, setMetric] = useState<Headline | undefined>(undefined);
  const axis = chosenAxis ?? axes[0];
  const measured = sweep.measured();
  const metric = chosenMetric ?? measured[0];
  const sets = useMemo(
    () => (axis === undefined || metric === undefined ? [] : curveSets(sweep, axis, metric)),
    [sweep, axis, metric, tick],
  );
  if (axis === undefined)
    return html`<div class="empty">
      <h1>No curves</h1>
      <p>The sweep has one epoch and one budget. Curves need <code>snapshots</code> at several epochs, or several epsilons.</p>
    </div>`;
  const names = [...new Map(sets.flatMap(({ lines }) => lines).map((line) => [line.name, line.training]))];
  const leftOut = Math.max(0, ...sets.map((set) => set.leftOut));
  const xText = axis === 'epoch' ? String : budgetText(sweep.head.layout.names.epsilon);
  return html`<div class="tools">
      <label
        >Measure
        <select value=${metric} onChange=${(event: Event) => setMetric((event.target as HTMLSelectElement).value as Headline)}>
          ${measured.map((name) => html`<option value=${name}>${name}</option>`)}
        </select></label
      >
      <label
        >by
        <select value=${axis} onChange=${(event: Event) => setAxis((event.target as HTMLSelectElement).value as CurveAxis)}>
          ${axes.map((name) => html`<option value=${name}>${name}</option>`)}
        </select></label
      >
      <ul class="keys">
        ${names.map(([name, training]) => html`<li><i style=${{ borderColor: colourOf(training) }}></i>${name}</li>`)}
      </ul>
      ${leftOut > 0 && html`<span>${leftOut} more are not drawn</span>`}
    </div>
    ${
      sets.length === 0
        ? html`<div class="empty"><p>A curve appears with the results of its first two points.</p></div>`
        : html`<div class="charts">
            ${sets.map(
              ({ title, lines }) =>
                html`<${LineChart}
                  title=${title}
                  lines=${lines.map(({ name, training, seeds }) => ({ name, seeds, colour: colourOf(training) }))}
                  isLog=${metric !== 'accuracy'}
                  xTitle=${axis === 'epoch' ? 'epoch' : 'ε'}
                  xText=${xText}
                />`,
            )}
          </div>`
    }`;
}

/** Budgets by the labels of the sweep. */
function budgetText(names: readonly (readonly string[])[]): (x: number) => string {
  const byValue = new Map(names.map(([label = '']) => [fractionOf(label), label.replace(/\/255$/, '')]));
  return (x) => byValue.get(x) ?? String(x);
}
