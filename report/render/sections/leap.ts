/** 5. Where perturbed examples go. */
import * as Plot from '@observablehq/plot';
import { lastEpoch } from '@ncsweep/catalog/params';
import type { Epsilon, Named } from '@ncsweep/catalog/sweep';
import type { RecipeParams } from '@ncsweep/catalog/params';
import { epsilonSize, epsilonsOf, layersOf, overEpsilon } from '../../aggregate/curve.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import { midEdge } from '../../aggregate/reference.ts';
import { epsilonAxis, trainingRule } from '../epsilon-axis.ts';
import { drawLegend, drawPanel, type Line } from '../figure.ts';
import { heatmap, matrixOf } from '../heatmap.ts';
import { html, type Markup } from '../markup.ts';
import { perSetting, placeOf, styleOf, type View } from '../view.ts';

function cosines(view: View, place: SettingPlace, training: Named<RecipeParams>): Markup | undefined {
  const attack = place.roles.attacks.pgd?.name;
  if (attack === undefined) return undefined;
  const style = styleOf(view, training.name, attack);
  const line = (metric: string, name: string, dash: string): Line => ({
    ...style,
    name,
    dash,
    points: overEpsilon(place, { metric, scale: 'linear', training, attack }).map((p) => ({ ...p, ill: false })),
  });
  const lines = [
    line('leap_example_cos_nearest', 'nearest vertex', ''),
    { ...line('leap_example_cos_true', 'own vertex', '6 4'), symbol: 'square2' as const },
  ];
  if (lines.every((l) => l.points.length === 0)) return undefined;
  const classes = view.index.classes(place.roles.stratum.dataset);
  const edge = classes === undefined ? [] : [midEdge(classes)];
  return drawPanel({
    title: `${training.name} under ${attack}`,
    description: `Mean cosine of examples to the nearest and to their own clean vertex against epsilon, ${training.name}`,
    x: epsilonAxis(place, lines),
    y: { label: 'cosine, mean over examples', type: 'linear', domain: [-1, 1], ticks: [-1, -0.5, 0, 0.5, 1] },
    lines,
    marks: [
      ...trainingRule(place),
      Plot.ruleY([0], { stroke: 'var(--rule)' }),
      Plot.ruleY(edge, { stroke: 'var(--ink-soft)', strokeDasharray: '2 2' }),
      Plot.text(edge, {
        y: (v: number) => v,
        text: () => 'middle of an edge',
        frameAnchor: 'right',
        textAnchor: 'end',
        dy: -7,
        fill: 'var(--ink-soft)',
      }),
    ],
  });
}

/** Three epsilons: half the headline one, the headline one, twice it, or the nearest evaluated. */
function threeEpsilons(place: SettingPlace): readonly Epsilon[] {
  const all = epsilonsOf(place).slice(1);
  const main = epsilonSize(place.roles.epsilon?.value ?? '8/255');
  const nearest = (size: number): Epsilon | undefined =>
    [...all].sort((a, b) => Math.abs(Math.log(epsilonSize(a.value) / size)) - Math.abs(Math.log(epsilonSize(b.value) / size)))[0];
  return [...new Set([main / 2, main, main * 2].flatMap((s) => nearest(s) ?? []))];
}

function leapMatrices(view: View, place: SettingPlace, training: Named<RecipeParams>): readonly (Markup | undefined)[] {
  const attack = place.roles.attacks.pgd?.name;
  const seed = view.tables.sweep.seeds[0];
  const classes = view.index.classes(place.roles.stratum.dataset);
  if (attack === undefined || seed === undefined || classes === undefined) return [];
  return threeEpsilons(place).map((epsilon) => {
    const trial = place.index.find({
      ...{
        ...place.roles.stratum,
        training: training.name,
        seed,
        epoch: lastEpoch(training.params),
        attack,
        epsilon: epsilon.value,
      },
      ...{ layer: layersOf(place).at(-1) ?? '', pooling: 'flatten', split: place.split, labels: 'given' },
    });
    const entries = trial === undefined ? [] : matrixOf(view, trial, 'leap_matrix');
    if (trial === undefined || entries.length === 0) return undefined;
    const text = { title: `${training.name}, ${epsilon.label}, seed ${seed}`, rows: 'own class', cols: 'nearest clean vertex' };
    return heatmap(entries, classes, text, trial.trialId);
  });
}

const legend = drawLegend([
  { name: 'nearest clean vertex', colour: 'var(--ink)', dash: '' },
  { name: 'own clean vertex', colour: 'var(--ink)', dash: '6 4' },
]);

export function leap(view: View): Markup {
  return html`<section id="leap">
    <h2>Leaping</h2>
    <p class="lead">
      An example leaps when it ends near a vertex that is not its own: look for “own” falling while “nearest” stays above the
      middle of an edge. Cosines are taken example by example, because class means blur leaps that go several ways.
    </p>
    ${legend}
    ${perSetting(view, (s) => {
      const place = placeOf(view, s);
      return html`<div class="panels">${view.tables.sweep.trainings.map((t) => cosines(view, place, t))}</div>
        <h3>Leap matrices</h3>
        <p class="lead">
          Share of each class’s examples whose nearest clean vertex is the column’s; intact data lie on the diagonal. One seed,
          since classes need not correspond between seeds; the others are in matrices.csv.
        </p>
        <div class="heatmaps">${view.tables.sweep.trainings.map((t) => html`<div>${leapMatrices(view, place, t)}</div>`)}</div>`;
    })}
  </section>`;
}
