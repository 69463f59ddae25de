/** 6. Are clean and perturbed simplex aligned? */
import { overEpsilon } from '../../aggregate/curve.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import { epsilonAxis, trainingRule } from '../epsilon-axis.ts';
import { drawLegend, drawPanel, type Line } from '../figure.ts';
import { html, type Markup } from '../markup.ts';
import { perSetting, placeOf, styleOf, type View } from '../view.ts';
import { attackLines } from './curves.ts';

/** The split-half angle of the attacked data: two halves of the same class differ by this much. */
const floors = (view: View, place: SettingPlace): readonly Line[] => {
  const attack = place.roles.attacks.pgd?.name;
  if (attack === undefined) return [];
  return view.tables.sweep.trainings.map((training) => ({
    ...styleOf(view, training.name, attack),
    name: `${training.name}, split-half floor`,
    dash: '1 3',
    faint: true,
    points: overEpsilon(place, { metric: 'split_half_angle', scale: 'linear', training, attack }),
  }));
};

function angles(view: View, place: SettingPlace, title: string): Markup | undefined {
  const lines = [...attackLines(view, place, 'simplex_angle', 'linear'), ...floors(view, place)].filter(
    (l) => l.points.length > 0,
  );
  if (lines.length === 0) return undefined;
  return drawPanel({
    title,
    description: `${title} against epsilon, with the split-half angle as noise floor`,
    x: epsilonAxis(place, lines),
    y: { label: 'degrees', type: 'linear', domain: [0, 180], ticks: [0, 45, 90, 135, 180] },
    lines: lines.map((l) => ({ ...l, points: l.points.map((p) => ({ ...p, ill: false })) })),
    marks: trainingRule(place),
  });
}

export function alignment(view: View): Markup {
  return html`<section id="alignment">
    <h2>Aligned simplices</h2>
    <p class="lead">
      Angle between a class’s vertex on clean and on perturbed data, averaged over classes. The dotted line is the angle between
      two random halves of the same perturbed data: no angle can be trusted below it.
    </p>
    ${perSetting(view, (s) => {
      const place = placeOf(view, s);
      return html`${drawLegend([...attackLines(view, place, 'simplex_angle', 'linear'), ...floors(view, place)])}
        <div class="panels">
          ${angles(view, place, 'Simplex angle, training data')}${angles(view, placeOf(view, s, 'test'), 'Simplex angle, test data')}
        </div>`;
    })}
  </section>`;
}
