/** The axis of perturbation budgets: true to scale under a square root, so that small budgets are not crushed by a large sanity check. */
import * as Plot from '@observablehq/plot';
import { epsilonSize, epsilonsOf } from '../aggregate/curve.ts';
import type { SettingPlace } from '../aggregate/measure.ts';
import type { Axis, Line } from './figure.ts';

const drawnWidth = 290;
const leastGap = 15;

/** Labels that do not touch, the marked ones first. */
function apart(sizes: readonly number[], kept: readonly number[]): readonly number[] {
  const largest = Math.sqrt(Math.max(...sizes, 1e-9));
  const at = (e: number): number => (Math.sqrt(e) / largest) * drawnWidth;
  const chosen = [...kept];
  for (const size of sizes) if (chosen.every((c) => Math.abs(at(c) - at(size)) >= leastGap)) chosen.push(size);
  return chosen.sort((a, b) => a - b);
}

/** Epsilon as a numerator of 255 where it is one: "8", else a decimal. */
export function numerator(size: number): string {
  const k = size * 255;
  return Math.abs(k - Math.round(k)) < 1e-6 ? String(Math.round(k)) : k.toFixed(1);
}

export function epsilonAxis(place: SettingPlace, lines: readonly Line[]): Axis {
  const drawn = new Set(lines.flatMap((l) => l.points.map((p) => p.x)));
  const sizes = epsilonsOf(place)
    .map((e) => epsilonSize(e.value))
    .filter((e) => drawn.has(e));
  const marked = trainingEpsilons(place).filter((e) => sizes.includes(e));
  return {
    label: 'epsilon, k/255 (square-root scale)',
    type: 'sqrt',
    domain: [0, Math.max(...sizes, 1 / 255)],
    ticks: apart(
      sizes,
      [0, Math.max(...sizes, 0), ...marked].filter((e, i, all) => sizes.includes(e) && all.indexOf(e) === i),
    ),
    format: (tick) => numerator(Number(tick)),
  };
}

/** Budgets that some training was attacked with. */
const trainingEpsilons = (place: SettingPlace): readonly number[] => [
  ...new Set(
    place.index.tables.sweep.trainings.flatMap(({ params }) =>
      params.kind === 'train' && params.attack !== null ? [epsilonSize(params.attack.epsilon)] : [],
    ),
  ),
];

/** A rule where adversarial training was attacked. */
export const trainingRule = (place: SettingPlace): readonly Plot.Markish[] => {
  const epsilons = trainingEpsilons(place);
  return [
    Plot.ruleX(epsilons, { stroke: 'var(--ink-soft)', strokeDasharray: '1 3', strokeWidth: 1.5 }),
    Plot.text(epsilons, {
      x: (e: number) => e,
      text: () => 'trained at',
      frameAnchor: 'top',
      lineAnchor: 'bottom',
      dy: -5,
      fill: 'var(--ink-soft)',
    }),
  ];
};
