/** 4. Accuracy and collapse against epsilon. */
import { overEpsilon } from '../../aggregate/curve.ts';
import type { SettingPlace } from '../../aggregate/measure.ts';
import type { Scale } from '../../aggregate/interval.ts';
import { formatTick } from '../../aggregate/format.ts';
import { epsilonAxis, trainingRule } from '../epsilon-axis.ts';
import { drawLegend, drawPanel, type Axis, type Line } from '../figure.ts';
import { html, Markup } from '../markup.ts';
import { perSetting, placeOf, styleOf, type View } from '../view.ts';

export const illKey = html`<svg class="key" viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
    <path d="M10 1l8 8M18 1l-8 8" stroke="var(--ink)" stroke-width="1.5" /></svg
  >Sigma_B ill-conditioned (λmax/λmin > 100): nc1 is noise there`;

export const shareAxis: Axis = {
  label: '',
  type: 'linear',
  domain: [0, 1],
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (t) => formatTick(Number(t)),
};

/** Powers of ten that cover the points, so that a log axis has round ends. */
export function logAxis(label: string, lines: readonly Line[]): Axis {
  const values = lines
    .flatMap((l) => l.points.flatMap((p) => [p.interval.mean, ...p.samples.map((s) => s.value)]))
    .filter((v) => v > 0);
  const low = Math.floor(Math.log10(Math.min(...values, 1)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values, 1e-12))));
  const every = Math.ceil((high - low) / 6);
  const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i).filter((p) => (p - low) % every === 0);
  return {
    label,
    type: 'log',
    domain: [10 ** low, 10 ** high],
    ticks: powers.map((p) => 10 ** p),
    format: (t) => powerLabel(Number(t)),
  };
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
function powerLabel(value: number): string {
  const power = Math.round(Math.log10(value));
  if (power >= -2 && power <= 3) return formatTick(value);
  return `10${power < 0 ? '⁻' : ''}${String(Math.abs(power)).replace(/\d/g, (d) => superscripts[Number(d)] ?? d)}`;
}

/** Every training under the main attack and under noise. */
export function attackLines(view: View, place: SettingPlace, metric: string, scale: Scale): readonly Line[] {
  const attacks = [place.roles.attacks.pgd, place.roles.attacks.noise].flatMap((a) => (a === undefined ? [] : [a.name]));
  return view.tables.sweep.trainings.flatMap((training) =>
    attacks.map((attack) => ({
      name: `${training.name}, ${attack}`,
      ...styleOf(view, training.name, attack),
      points: overEpsilon(place, { metric, scale, training, attack }),
    })),
  );
}

interface Figure {
  readonly metric: string;
  readonly scale: Scale;
  readonly title: string;
  readonly split: 'train' | 'test';
}

const figures: readonly Figure[] = [
  { metric: 'accuracy', scale: 'linear', title: 'Accuracy, training data', split: 'train' },
  { metric: 'accuracy', scale: 'linear', title: 'Accuracy, test data', split: 'test' },
  { metric: 'nc1', scale: 'log', title: 'nc1, training data (log)', split: 'train' },
  { metric: 'nc1_quotient', scale: 'log', title: 'nc1 quotient, training data (log)', split: 'train' },
  { metric: 'nc2_equiangular_means', scale: 'linear', title: 'NC2 angles, training data', split: 'train' },
  { metric: 'nc1', scale: 'log', title: 'nc1, test data (log)', split: 'test' },
];

/** Axis of a metric in linear scale that starts at zero. */
export function zeroAxis(label: string, lines: readonly Line[]): Axis {
  const values = lines.flatMap((l) => l.points.flatMap((p) => [p.interval.mean, ...p.samples.map((s) => s.value)]));
  return { label, type: 'linear', domain: [0, Math.max(...values, 1e-3) * 1.08], format: (t) => formatTick(Number(t)) };
}

function drawFigure(view: View, place: SettingPlace, { metric, scale, title }: Figure): Markup | undefined {
  const lines = attackLines(view, place, metric, scale).filter((l) => l.points.length > 0);
  if (lines.length === 0) return undefined;
  const y =
    metric === 'accuracy'
      ? { ...shareAxis, label: 'accuracy' }
      : scale === 'log'
        ? logAxis(metric, lines)
        : zeroAxis('mean |cos + 1/(K−1)|', lines);
  const plain = metric === 'nc1' ? lines : lines.map((l) => ({ ...l, points: l.points.map((p) => ({ ...p, ill: false })) }));
  return drawPanel({
    title,
    description: `${title} against epsilon for ${lines.map((l) => l.name).join('; ')}`,
    x: epsilonAxis(place, lines),
    y,
    lines: plain,
    marks: trainingRule(place),
  });
}

export function curves(view: View): Markup {
  return html`<section id="curves">
    <h2>Accuracy and collapse against epsilon</h2>
    <p class="lead">
      Look at the distance between attack (solid) and noise of the same size (dashed), training by training: that distance is
      adversarial, the rest is noise. Last layer, last epoch; every seed a dot, the band its interval.
    </p>
    ${perSetting(view, (stratum) => {
      const place = placeOf(view, stratum);
      const legend = drawLegend(attackLines(view, place, 'accuracy', 'linear'), [illKey]);
      return html`${legend}
        <div class="panels">${figures.map((f) => drawFigure(view, placeOf(view, stratum, f.split), f))}</div>`;
    })}
  </section>`;
}
