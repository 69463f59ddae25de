/** 8b. Tables, and the matrix of what is missing. */
import { epochsAsked } from '@ncsweep/catalog/claims/points';
import { lastEpoch } from '@ncsweep/catalog/params';
import type { TrialRow, TrialState } from '@ncsweep/protocol/tables';
import type { CurvePoint } from '../../aggregate/curve.ts';
import { epsilonsOf } from '../../aggregate/curve.ts';
import { formatLevel, formatNumber } from '../../aggregate/format.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import { replicates, resultTables, type ResultTable } from '../../aggregate/result-table.ts';
import { epsilonValue } from '../../aggregate/trial-index.ts';
import type { SettingChecks } from '../../aggregate/verdict.ts';
import { foldedParts, foldedSection } from '../fold.ts';
import { html, type Markup } from '../markup.ts';
import { counted, nameOf, placeOf, type View } from '../view.ts';

function cell(point: CurvePoint | undefined): Markup {
  if (point === undefined) return html`<td class="none">–</td>`;
  const { interval, samples } = point;
  const ids = samples.map((s) => `seed ${s.seed}: ${formatNumber(s.value)}  ncsweep show ${s.trials.join(' ')}`).join('\n');
  const [mean, range] = formatLevel(interval).split(' [');
  return html`<td title="${ids}">
    <span class="number">${mean}</span>${range === undefined ? undefined : html`<span class="range">[${range}</span>`}
  </td>`;
}

function table(data: ResultTable): Markup {
  const note = html`<span class="note">n = ${replicates(data)}; <code>tables/*${data.id}.tex</code></span>`;
  return html`<h4 class="block">${data.title} ${note}</h4>
    <div class="scroll" tabindex="0" role="region" aria-label="${data.title}">
      <table>
        <thead>
          <tr>
            <th></th>
            ${data.columns.map((c) => html`<th scope="col">${c}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${data.rows.map(
            (r) =>
              html`<tr>
                <th scope="row">${r.label}</th>
                ${r.cells.map(cell)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

const perSetting = (view: View, draw: (setting: SettingChecks) => Markup): Markup =>
  foldedParts(
    view.verdicts.settings.map((setting) => ({ name: nameOf(view, setting.stratum), of: setting })),
    draw,
  );

export const tables = (view: View): Markup =>
  foldedSection(
    { id: 'tables', title: 'Tables', summary: 'mean and interval of every curve', isOpen: false },
    html`<p class="lead">
        Mean and interval over independently trained models. Hover a number for its trials, or look it up by trial id in
        results.csv.
      </p>
      ${perSetting(view, (s) => html`${resultTables(placeOf(view, s), placeOf(view, s, 'test')).map(table)}`)}`,
  );

const worst: readonly TrialState[] = ['parked', 'blocked', 'missing', 'done'];
const stateOf = (trials: readonly TrialRow[]): TrialState => worst.find((s) => trials.some((t) => t.state === s)) ?? 'done';

function completeness(trials: readonly TrialRow[]): Markup {
  if (trials.length === 0) return html`<td class="none" title="not asked for"></td>`;
  const done = trials.filter((t) => t.state === 'done').length;
  const state = stateOf(trials);
  return html`<td class="state ${state}">${done === trials.length ? '✓' : `${done}/${trials.length} ${state}`}</td>`;
}

interface Column {
  readonly label: string;
  readonly holds: (trial: TrialRow) => boolean;
}

/** One column per epsilon at the last epoch, then one per earlier epoch. */
function columnsOf(view: View, place: SettingPlace): readonly Column[] {
  const last = new Map(view.tables.sweep.trainings.map((t) => [t.name, lastEpoch(t.params)]));
  const early = new Set(
    view.tables.sweep.trainings.flatMap((t) => epochsAsked(view.tables.sweep, t.params).filter((e) => e < lastEpoch(t.params))),
  );
  return [
    ...epsilonsOf(place).map((e) => ({
      label: e.label,
      holds: (t: TrialRow) => t.epoch === last.get(t.training) && epsilonValue(t.epsilon) === e.value,
    })),
    ...[...early]
      .sort((a, b) => a - b)
      .map((epoch) => ({ label: `epoch ${epoch}`, holds: (t: TrialRow) => t.epoch === epoch && epoch !== last.get(t.training) })),
  ];
}

function matrix(view: View, place: SettingPlace): Markup {
  const { dataset, architecture } = place.roles.stratum;
  const trials = view.tables.trials.filter((t) => t.dataset === dataset && t.architecture === architecture);
  const columns = columnsOf(view, place).filter((c) => trials.some(c.holds));
  const rows = view.tables.sweep.trainings.flatMap((training) =>
    [...new Set(trials.filter((t) => t.training === training.name).map((t) => t.attack))].map((attack) => ({
      training: training.name,
      attack,
    })),
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="What is missing">
    <table class="matrix">
      <thead>
        <tr>
          <th></th>
          ${columns.map((c) => html`<th scope="col">${c.label}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(({ training, attack }) => {
          const mine = trials.filter((t) => t.training === training && t.attack === attack);
          return html`<tr>
            <th scope="row">${training}, ${attack === 'none' ? 'clean' : attack}</th>
            ${columns.map((c) => completeness(mine.filter(c.holds)))}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

/** Cells that failed, with their reasons, and how many wait for them. */
function failures(view: View): Markup {
  const parked = view.tables.cells.filter((c) => c.state === 'parked');
  const blocked = view.tables.cells.filter((c) => c.state === 'blocked').length;
  const missing = view.tables.cells.filter((c) => c.state === 'missing').length;
  if (parked.length + blocked + missing === 0) return html`<p>Nothing is missing: every trial asked for is done.</p>`;
  return html`<ul class="failures">
    ${parked.map((c) => html`<li><code>${c.cellId.slice(0, 16)}</code> ${c.kind}, parked: ${c.reason ?? 'no reason recorded'}</li>`)}
    ${blocked === 0 ? undefined : html`<li>${counted(blocked, 'evaluation')} blocked, waiting for those above.</li>`}
    ${missing === 0 ? undefined : html`<li>${counted(missing, 'cell')} not run yet: run the sweep again to go on.</li>`}
  </ul>`;
}

export function missing(view: View): Markup {
  const { trials } = view.tables;
  const done = trials.filter(({ state }) => state === 'done').length;
  const isComplete = done === trials.length;
  const summary = isComplete
    ? 'nothing'
    : `${counted(trials.length - done, 'trial')} of ${trials.length.toLocaleString('en-US')}`;
  return foldedSection(
    { id: 'missing', title: 'What is missing', summary, isOpen: !isComplete },
    html`<p class="lead">Trials done of trials asked for; an empty square was never asked for.</p>
      ${perSetting(view, (s) => matrix(view, placeOf(view, s)))}${failures(view)}`,
  );
}
