/** The axis of perturbation budgets: a square-root scale, so that a large sanity check does not squeeze small budgets together. */
import type { Epsilon } from '@ncsweep/catalog/sweep';
import * as Plot from '@observablehq/plot';
import { epsilonSize, epsilonsOf } from '../aggregate/curve.ts';
import type { SettingPlace } from '../aggregate/measure.ts';
import type { Axis, Line } from './line-figure.ts';

const drawnWidth = 290;
/** Gap between labels and width of a character, in pixels. */
const [gap, characterWidth] = [4, 6.7];

/** Labels that do not touch, giving priority to marked ones. */
function apart(sizes: readonly number[], kept: readonly number[], textOf: (size: number) => string): readonly number[] {
  const largest = Math.sqrt(Math.max(...sizes, 1e-9));
  const at = (e: number): number => (Math.sqrt(e) / largest) * drawnWidth;
  const touch = (a: number, b: number): boolean =>
    Math.abs(at(a) - at(b)) < gap + (characterWidth * (textOf(a).length + textOf(b).length)) / 2;
  const chosen = [...kept];
  for (const size of sizes) if (!chosen.some((c) => touch(c, size))) chosen.push(size);
  return chosen.sort((a, b) => a - b);
}

/** Numerators over 255 if all budgets are written that way, else each as it is written. */
export function epsilonTexts(epsilons: readonly Epsilon[]): { readonly label: string; readonly of: (size: number) => string } {
  const written = new Map(epsilons.map(({ value, label }) => [epsilonSize(value), label]));
  const of255 = [...written.values()].every((label) => label === '0' || /^\d+\/255$/.test(label));
  const textOf = (size: number): string => written.get(size) ?? String(Number(size.toPrecision(3)));
  return of255
    ? { label: 'epsilon, k/255 (square-root scale)', of: (size) => textOf(size).replace('/255', '') }
    : { label: 'epsilon (square-root scale)', of: textOf };
}

export function epsilonAxis(place: SettingPlace, lines: readonly Line[]): Axis {
  const drawn = new Set(lines.flatMap((l) => l.points.map((p) => p.x)));
  const epsilons = epsilonsOf(place).filter((e) => drawn.has(epsilonSize(e.value)));
  const sizes = epsilons.map((e) => epsilonSize(e.value));
  const marked = trainingEpsilons(place).filter((e) => sizes.includes(e));
  const texts = epsilonTexts(epsilons);
  return {
    label: texts.label,
    type: 'sqrt',
    domain: [0, Math.max(...sizes, 1 / 255)],
    ticks: apart(
      sizes,
      [0, Math.max(...sizes, 0), ...marked].filter((e, i, all) => sizes.includes(e) && all.indexOf(e) === i),
      texts.of,
    ),
    format: (tick) => texts.of(Number(tick)),
  };
}

/** Budgets with which some training was attacked. */
const trainingEpsilons = (place: SettingPlace): readonly number[] => [
  ...new Set(
    place.index.tables.sweep.trainings.flatMap(({ params }) =>
      params.kind === 'train' && params.attack !== null ? [epsilonSize(params.attack.epsilon)] : [],
    ),
  ),
];

/** A rule at the budgets of adversarial training, of which one is labelled, since labels of near budgets would touch. */
export const trainingRule = (place: SettingPlace): readonly Plot.Markish[] => {
  const epsilons = trainingEpsilons(place).toSorted((a, b) => a - b);
  return [
    Plot.ruleX(epsilons, { stroke: 'var(--ink-soft)', strokeDasharray: '1 3', strokeWidth: 1.5 }),
    Plot.text(epsilons.slice(0, 1), {
      x: (e: number) => e,
      text: () => (epsilons.length === 1 ? 'trained at' : 'trained at these'),
      frameAnchor: 'top',
      lineAnchor: 'bottom',
      dy: -5,
      fill: 'var(--ink-soft)',
    }),
  ];
};
