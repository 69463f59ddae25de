/** 8a. Along training, and the geometry of class means. */
import { lastEpoch } from '@ncsweep/catalog/params';
import type { Named } from '@ncsweep/catalog/sweep';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { layersOf, overEpochs } from '../../aggregate/curve.ts';
import type { Scale } from '../../aggregate/interval.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import { drawLegend, drawPanel, type Line } from '../figure.ts';
import { heatmap, matrixOf } from '../heatmap.ts';
import { html, type Markup } from '../markup.ts';
import { perSetting, placeOf, styleOf, type View } from '../view.ts';
import { logAxis, shareAxis, zeroAxis } from './curves.ts';

/** Clean is dashed here and attacked solid, as the attack is everywhere. */
function epochLines(view: View, place: SettingPlace, metric: string, scale: Scale): readonly Line[] {
  const pgd = place.roles.attacks.pgd?.name;
  return view.tables.sweep.trainings.flatMap((training) =>
    ['none', ...(pgd === undefined ? [] : [pgd])].map((attack) => ({
      name: `${training.name}, ${attack === 'none' ? 'clean' : `${attack} at ${place.roles.epsilon?.label ?? ''}`}`,
      ...styleOf(view, training.name, attack),
      ...(attack === 'none' ? { dash: '6 4', symbol: 'square2' as const } : {}),
      points: overEpochs(place, { metric, scale, training, attack }).map((p) => ({ ...p, ill: metric === 'nc1' && p.ill })),
    })),
  );
}

function panel(view: View, place: SettingPlace, metric: string, title: string): Markup | undefined {
  const scale: Scale = metric.startsWith('nc1') ? 'log' : 'linear';
  const lines = epochLines(view, place, metric, scale).filter((l) => l.points.length > 1);
  if (lines.length === 0) return undefined;
  const y =
    metric === 'accuracy'
      ? { ...shareAxis, label: 'accuracy' }
      : scale === 'log'
        ? logAxis(metric, lines)
        : zeroAxis(metric, lines);
  const x = { label: 'epoch (square-root scale)', type: 'sqrt' as const };
  return drawPanel({ title, description: `${title} against epoch: ${lines.map((l) => l.name).join('; ')}`, x, y, lines });
}

function cosines(view: View, place: SettingPlace, training: Named<RecipeParams>): readonly (Markup | undefined)[] {
  const seed = view.tables.sweep.seeds[0];
  const classes = view.index.classes(place.roles.stratum.dataset);
  const { pgd } = place.roles.attacks;
  const epsilon = place.roles.epsilon;
  if (seed === undefined || classes === undefined) return [];
  const views = [{ attack: 'none', value: '0/1', name: 'clean' }];
  if (pgd !== undefined && epsilon !== undefined)
    views.push({ attack: pgd.name, value: epsilon.value, name: `${pgd.name} at ${epsilon.label}` });
  return views.map(({ attack, value, name }) => {
    const trial = place.index.find({
      ...{ ...place.roles.stratum, training: training.name, seed, epoch: lastEpoch(training.params), attack, epsilon: value },
      ...{ layer: layersOf(place).at(-1) ?? '', pooling: 'flatten', split: place.split, labels: 'given' },
    });
    const entries = trial === undefined ? [] : matrixOf(view, trial, 'nc2_cosines');
    if (trial === undefined || entries.length === 0) return undefined;
    return heatmap(
      entries,
      classes,
      { title: `${training.name}, ${name}, seed ${seed}`, rows: 'class', cols: 'class' },
      trial.trialId,
    );
  });
}

export function overTraining(view: View): Markup {
  return html`<section id="training">
    <h2>Over training</h2>
    <p class="lead">
      Does collapse still deepen when training ends, and does it deepen on attacked data too? A curve that still falls at its
      right end was not trained to the terminal phase.
    </p>
    ${perSetting(view, (s) => {
      const place = placeOf(view, s);
      const legend = drawLegend(epochLines(view, place, 'nc1', 'log').filter((l) => l.points.length > 1));
      const shown = [
        panel(view, place, 'nc1', 'nc1 (log)'),
        panel(view, place, 'nc2_equiangular_means', 'NC2 angles'),
        panel(view, place, 'accuracy', 'Accuracy'),
      ];
      const none = shown.every((p) => p === undefined) ? html`<p>Only the last epoch was evaluated.</p>` : legend;
      const classes = view.index.classes(s.stratum.dataset) ?? 2;
      return html`${none}
        <div class="panels">${shown}</div>
        <h3>Cosines between class means</h3>
        <p class="lead">
          An exact simplex has −1/(K−1) = ${(-1 / (classes - 1)).toFixed(3).replace('-', '−')} everywhere off the diagonal.
        </p>
        <div class="heatmaps">${view.tables.sweep.trainings.map((t) => html`<div>${cosines(view, place, t)}</div>`)}</div>`;
    })}
  </section>`;
}
