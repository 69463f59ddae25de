/** Evaluates the controls of a claim: each may block a verdict and always reports what it found. */
import type { Control, ControlId, Measured, Selector } from '@ncsweep/catalog/claims/claim';
import { epochsAsked } from '@ncsweep/catalog/claims/points';
import { toleranceOf } from '@ncsweep/catalog/metrics';
import { judgeStrongerAdaptive } from './adaptive-control.ts';
import { bySeed, changeOf, levelOf, lostText, type BySeed } from './by-seed.ts';
import type { ContrastResult } from './contrast.ts';
import { accuracyMargin, equivalence } from './equivalence.ts';
import { accuracyExcess, judgeEquivalences, type EquivalenceCheck } from './equivalence-check.ts';
import { formatContrast, formatLevel, formatNumber } from './format.ts';
import { intervalOf, shareInterval, sideOf, simultaneous, toScale } from './interval.ts';
import { askedPoints, classesOf, confidenceOf, examplesOf, isLost, read, readAll, seedsOf, type Place } from './measure.ts';
import { chance, midEdgeAngle } from './reference.ts';

export interface ControlResult {
  readonly control: Control;
  readonly state: 'valid' | 'failed' | 'absent';
  readonly note: string;
}

/** λmax/λmin of Sigma_B above which nc1, which divides by λmin, is marked as ill-conditioned. */
export const illConditioned = 100;

/** Training accuracy from which training counts as terminal: at most one example in a hundred is still wrong. */
const terminalAccuracy = 0.99;

type Judged = Pick<ControlResult, 'state' | 'note'>;
const valid = (note: string): Judged => ({ state: 'valid', note });
const failed = (note: string): Judged => ({ state: 'failed', note });
const judgedBy = (ok: boolean, note: string, otherwise: string): Judged => (ok ? valid(note) : failed(`${note}; ${otherwise}`));

/** A judge given every number that its control needs, per seed. A seed that lacks one fails the control; with no seeds it is absent. */
type SeedJudge = (place: Place, seen: BySeed, needs: readonly Measured[]) => Judged;

const perSeed =
  (judge: SeedJudge): Judge =>
  (place, { needs }) => {
    const seen = bySeed(place, needs);
    if (seen.lost.length > 0) return failed(lostText(seen.lost));
    return seen.rows.length === 0 ? undefined : judge(place, seen, needs);
  };

const level = (place: Place, seen: BySeed, needs: readonly Measured[], i: number, unit = ''): string => {
  const interval = levelOf(place, seen, needs, i);
  return interval === undefined ? '' : formatLevel(interval, unit);
};

/** Reports whether collapse was still going on: if nc1 still falls, it will fall further with more epochs. */
function stillFalling(place: Place, at: Selector): string {
  const { sweep } = place.index.tables;
  const recipe = place.roles.trainings[at.training]?.params;
  if (recipe === undefined) return '';
  const value = (epoch: number, seed: number): number | undefined => {
    const point = askedPoints(place, at, seed)?.[0];
    const trial = point && place.index.find({ ...point, epoch });
    return trial && place.index.value(trial, 'nc1');
  };
  const epochs = epochsAsked(sweep, recipe).filter((e) => seedsOf(place).some((seed) => value(e, seed) !== undefined));
  const [before, last] = epochs.slice(-2);
  if (before === undefined || last === undefined) return '';
  const ratios = seedsOf(place).flatMap((seed) => {
    const [a, b] = [value(last, seed), value(before, seed)];
    return a === undefined || b === undefined ? [] : [toScale(a, 'log') - toScale(b, 'log')];
  });
  const change = intervalOf(ratios, 'log', { confidence: confidenceOf(place) });
  if (change === undefined || sideOf(change) >= 0) return '';
  return `; collapse continues: nc1 ${formatContrast(change, '')} since epoch ${before}`;
}

const terminal = perSeed((place, seen, needs) => {
  const { trainings, datasets } = place.roles;
  const named = ({ training, dataset = '' }: Selector): string =>
    needs.length > 1
      ? [trainings[training]?.name, datasets[dataset]?.name, ''].filter((name) => name !== undefined).join(' ')
      : '';
  const each = needs.map(({ at }, i) => `${named(at)}${level(place, seen, needs, i)}${stillFalling(place, at)}`);
  const note = `${place.split} accuracy ${each.join('; ')}`;
  const fits = seen.rows.every(({ values }) => needs.every((_, i) => (values[i] ?? 0) >= terminalAccuracy));
  return judgedBy((needs[0]?.at.split ?? place.split) === 'test' || fits, note, `below ${terminalAccuracy} in at least one seed`);
});

const conditioning: Judge = (place, { needs }) => {
  const seen = bySeed(place, needs);
  const quotient = changeOf(place, seen, needs, [0, 1], 'log');
  if (seen.lost.length > 0) return failed(lostText(seen.lost));
  const attacked = needs[0];
  if (quotient === undefined || attacked === undefined) return undefined;
  const conditions = readAll(place, { ...attacked, metric: 'sigma_b_condition' });
  const gone = conditions.filter(isLost);
  if (gone.length > 0) return failed(lostText(gone));
  const largest = Math.max(...conditions.flatMap((c) => (isLost(c) ? [] : [c.value])));
  const note = `λmax/λmin of Sigma_B up to ${formatNumber(largest)} under PGD`;
  if (largest <= illConditioned) return valid(note);
  const beside = `nc1_quotient, which inverts nothing, PGD/noise ${formatContrast(quotient, '')}`;
  return sideOf(quotient) > 0
    ? valid(`${note}: ill-conditioned, but ${beside}`)
    : failed(`${note}: ill-conditioned, and ${beside}`);
};

const attackSuccess = perSeed((place, seen, needs) => {
  const examples = examplesOf(place, needs[0]);
  const note = `accuracy ${level(place, seen, needs, 0)} under PGD, ${level(place, seen, needs, 1)} under noise; the attack fails on that first share`;
  const lower = seen.rows.every(({ values: [attacked = 1, noise = 0] }) => noise - attacked > accuracyMargin(noise, examples));
  return judgedBy(lower, note, 'not lower, beyond the error of an accuracy, in at least one seed');
});

/** Of networks with the same number of classes. */
const aboveChance = perSeed((place, seen, needs) => {
  const at = needs[0]?.at;
  const classes = classesOf(place, at);
  if (classes === undefined) return failed('the number of classes is not known');
  const guess = chance(classes);
  const margin = accuracyMargin(guess, examplesOf(place, needs[0]));
  const above = seen.rows.every(({ values }) => values.every((accuracy) => accuracy - guess > margin));
  const levels = needs.map((_, i) => level(place, seen, needs, i)).join(', ');
  return judgedBy(
    above,
    `accuracy ${levels}${at?.attack === 'clean' ? '' : ' under PGD'}; chance is ${formatNumber(guess)}`,
    'not above chance in at least one seed',
  );
});

/** Equal to the last digit, because networks of one seed are made by the same draws. */
const sameStart = perSeed((_, { rows }) => {
  const differing = rows.find(({ values: [first, ...others] }) => others.some((value) => value !== first));
  return differing === undefined
    ? valid('equal in each seed')
    : failed(
        `seed ${differing.seed}: ${differing.values.map(formatNumber).join(', ')} before training; expected the same number`,
      );
});

const splitHalfFloor = perSeed((place, seen, needs) => {
  const classes = classesOf(place, needs[0]?.at);
  if (classes === undefined) return failed('the number of classes is not known');
  const edge = midEdgeAngle(classes);
  const note = `angle ${level(place, seen, needs, 0, '°')}, split-half floor ${level(place, seen, needs, 1, '°')}, middle of an edge ${formatNumber(edge)}°`;
  const near = seen.rows.every(({ values: [angle = 180, floor = 0] }) => floor < edge && angle - floor < edge - angle);
  return judgedBy(near, note, 'nearer to the middle of an edge in at least one seed');
});

const controlState = (check: EquivalenceCheck | undefined, blame: string): Judged => {
  if (check === undefined) return failed('nothing was compared');
  if (check.state === 'failed') return failed(`${blame}${check.note}`);
  return { state: check.state === 'few' ? 'absent' : 'valid', note: check.note };
};

/** Angles cannot be resolved better than the angle between two halves of the same data, or than backends agree on them. */
const strongerAttack = perSeed((place, { rows }, needs) => {
  const confidence = confidenceOf(place);
  const angles = rows.map(({ seed, values: [, , stronger = 180, main = 0, floor = 0] }) => ({
    seed,
    change: stronger - main,
    margin: Math.max(floor, toleranceOf('simplex_angle').absolute),
    error: 0,
  }));
  const judged = judgeEquivalences([
    { what: 'fall of accuracy', unit: '', result: equivalence(accuracyExcess(place, rows, [1, 0], needs[0]), confidence) },
    { what: 'rise of the angle', unit: '°', result: equivalence(angles, confidence) },
  ]);
  return controlState(judged, 'a stronger attack changes the result: ');
});

const ownRobustAccuracy = perSeed((place, seen, needs) => {
  const harms = accuracyExcess(place, seen.rows, [1, 0], needs[0]);
  const levels = `NCC ${level(place, seen, needs, 0)}, the network's own head ${level(place, seen, needs, 1)}`;
  const judged = judgeEquivalences([{ what: `${levels}; fall`, unit: '', result: equivalence(harms, confidenceOf(place)) }]);
  return controlState(judged, '');
});

/** The second accuracy is the one to keep. */
const keptAccuracy = perSeed((place, seen, needs) => {
  const harms = accuracyExcess(place, seen.rows, [1, 0], needs[0]);
  const levels = `accuracy ${level(place, seen, needs, 0)}, against ${level(place, seen, needs, 1)}`;
  const judged = judgeEquivalences([{ what: `${levels}; fall`, unit: '', result: equivalence(harms, confidenceOf(place)) }]);
  return controlState(judged, '');
});

/** Mean cosines of directions that point away from each other. */
const apart = perSeed((place, seen, needs) => {
  const note = `cosine ${needs.map((_, i) => level(place, seen, needs, i)).join(', ')}`;
  const below = seen.rows.every(({ values }) => values.every((cosine) => cosine < 0));
  return judgedBy(below, note, 'not below 0 in at least one seed');
});

/** Clean NCC of the trained versus the untrained network, at the layers that beat raw pixels under the adaptive attack. */
const untrained: Judge = (place, { needs }, contrasts) => {
  const [before, after] = needs;
  if (before === undefined || after === undefined) return undefined;
  const readings = seedsOf(place).flatMap((seed) => {
    const [a, b] = [read(place, after, seed), read(place, before, seed)];
    return a === undefined || b === undefined
      ? []
      : [{ a, b, layers: askedPoints(place, after.at, seed)?.map((p) => p.layer) ?? [] }];
  });
  const lost = readings.flatMap(({ a, b }) => [...a, ...b].filter(isLost)).slice(0, 1);
  if (lost.length > 0) return failed(lostText(lost));
  const layers = readings[0]?.layers ?? [];
  const robust = contrasts.flatMap((c) => c.layers).filter((l) => sideOf(l.interval) > 0);
  const names = robust.length > 0 ? robust.map((l) => l.layer) : layers;
  const gains = names.flatMap((layer) => {
    const i = layers.indexOf(layer);
    const values = readings.flatMap(({ a, b }) => {
      const [x, y] = [a[i], b[i]];
      return x === undefined || y === undefined || isLost(x) || isLost(y) ? [] : [x.value - y.value];
    });
    const spread = { confidence: simultaneous(confidenceOf(place), names.length), error: 1 / examplesOf(place, after) };
    const gain = shareInterval(values, spread, [-1, 1]);
    return gain === undefined ? [] : [{ layer, gain }];
  });
  if (gains.length === 0) return undefined;
  const note = gains.map((g) => `${g.layer} ${formatContrast(g.gain, '')}`).join(', ');
  const learnt = robust.length === 0 || gains.some((g) => sideOf(g.gain) > 0);
  return learnt ? valid(`clean NCC, trained − untrained: ${note}`) : failed(`no better than untrained: ${note}`);
};

const strongerAdaptive: Judge = (place, control, contrasts) => {
  const judged = judgeStrongerAdaptive(place, control, contrasts);
  return judged && controlState(judged, 'another adaptive attack is stronger: ');
};

type Judge = (place: Place, control: Control, contrasts: readonly ContrastResult[]) => Judged | undefined;
const judges: Readonly<Record<ControlId, Judge>> = {
  terminal,
  conditioning,
  'attack-success': attackSuccess,
  'above-chance': aboveChance,
  'split-half-floor': splitHalfFloor,
  'stronger-attack': strongerAttack,
  'stronger-adaptive': strongerAdaptive,
  'own-robust-accuracy': ownRobustAccuracy,
  'kept-accuracy': keptAccuracy,
  'same-start': sameStart,
  untrained,
  apart,
};

export function evaluateControl(place: Place, control: Control, contrasts: readonly ContrastResult[]): ControlResult {
  const judged = judges[control.id](place, control, contrasts) ?? { state: 'absent' as const, note: control.absent };
  return { control, ...judged };
}
