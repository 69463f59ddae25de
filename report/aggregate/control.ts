/** Evaluates the controls of a claim: each may block a verdict and always says what it saw. */
import type { Control, ControlId, Measured, Selector } from '@ncsweep/catalog/claims/claim';
import { epochsAsked, holds } from '@ncsweep/catalog/claims/points';
import { pointsOf } from '@ncsweep/catalog/claims/roles';
import { formatContrast, formatLevel, formatNumber } from './format.ts';
import { intervalOf, sideOf, summarise, toScale, type Interval, type Scale } from './interval.ts';
import { confidenceOf, intervalAt, read, readAll, seedsOf, trialsOf, type Place } from './measure.ts';
import type { ContrastResult } from './contrast.ts';

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

/** Interval of left − right (log: left / right) over the seeds that have both. */
export function pairedInterval(place: Place, left: Measured, right: Measured, scale: Scale = 'linear'): Interval | undefined {
  const values = seedsOf(place).flatMap((seed) => {
    const [a, b] = [read(place, left, seed)[0], read(place, right, seed)[0]];
    return a === undefined || b === undefined ? [] : [toScale(a.value, scale) - toScale(b.value, scale)];
  });
  return intervalOf(values, scale, confidenceOf(place));
}

const with_ = (at: Selector, change: Partial<Selector>): Selector => ({ ...at, ...change });
const need = (control: Control, i: number): Measured => {
  const measured = control.needs[i];
  if (measured === undefined) throw new RangeError(`control ${control.id} has no need ${i}`);
  return measured;
};

/** Change of nc1 since the evaluated epoch before the last: still falling means that training was not terminal. */
function stillFalling(place: Place, at: Selector): string {
  const { sweep } = place.index.tables;
  const recipe = place.roles.trainings[at.training]?.params;
  if (recipe === undefined) return '';
  const sample = (epoch: number, seed: number): number | undefined => {
    const point = pointsOf(sweep, place.roles, at, seed)?.[0];
    const trial =
      point && holds(sweep, { ...point, epoch }) ? place.index.find({ ...point, epoch, split: place.split }) : undefined;
    return trial && place.index.value(trial, 'nc1');
  };
  const epochs = epochsAsked(sweep, recipe).filter((e) => seedsOf(place).some((seed) => sample(e, seed) !== undefined));
  const [before, last] = epochs.slice(-2);
  if (before === undefined || last === undefined) return '';
  const ratios = seedsOf(place).flatMap((seed) => {
    const [a, b] = [sample(last, seed), sample(before, seed)];
    return a === undefined || b === undefined ? [] : [toScale(a, 'log') - toScale(b, 'log')];
  });
  const change = intervalOf(ratios, 'log', confidenceOf(place));
  if (change === undefined || sideOf(change) >= 0) return '';
  return `; nc1 still falling (${formatContrast(change, '')} since epoch ${before}): not terminal`;
}

function terminal(place: Place, control: Control): Judged | undefined {
  const accuracy = intervalAt(place, need(control, 0));
  if (accuracy === undefined) return undefined;
  const note = `${place.split} accuracy ${formatLevel(accuracy)}${stillFalling(place, need(control, 0).at)}`;
  return place.split === 'train' && accuracy.mean < terminalAccuracy ? failed(`${note}; below ${terminalAccuracy}`) : valid(note);
}

function conditioning(place: Place, control: Control): Judged | undefined {
  const attacked = need(control, 0);
  const worst = readAll(place, { ...attacked, metric: 'sigma_b_condition' }).map((s) => s.value);
  const quotient = pairedInterval(place, attacked, need(control, 1), 'log');
  if (worst.length === 0 || quotient === undefined) return undefined;
  const largest = Math.max(...worst);
  const seen = `λmax/λmin of Sigma_B up to ${formatNumber(largest)} under PGD`;
  if (largest <= illConditioned) return valid(seen);
  const beside = `nc1_quotient, which inverts nothing, PGD/noise ${formatContrast(quotient, '')}`;
  return sideOf(quotient) > 0 || (quotient.n === 1 && quotient.centre > 0)
    ? valid(`${seen}: ill-conditioned, but ${beside}`)
    : failed(`${seen}: ill-conditioned, and ${beside}`);
}

function attackSuccess(place: Place, control: Control): Judged | undefined {
  const [attacked, noise] = [intervalAt(place, need(control, 0)), intervalAt(place, need(control, 1))];
  const difference = pairedInterval(place, need(control, 0), need(control, 1));
  if (attacked === undefined || noise === undefined || difference === undefined) return undefined;
  const note = `accuracy ${formatLevel(attacked)} under PGD, ${formatLevel(noise)} under noise; the attack fails on that first share`;
  const lower = sideOf(difference) < 0 || (difference.n === 1 && difference.centre < 0);
  return lower ? valid(note) : failed(note);
}

function splitHalfFloor(place: Place, control: Control): Judged | undefined {
  const floor = intervalAt(place, need(control, 0));
  const angle = intervalAt(place, { ...need(control, 0), metric: 'simplex_angle' });
  if (floor === undefined || angle === undefined) return undefined;
  return valid(`AT angle ${formatLevel(angle, '°')} against a split-half floor of ${formatLevel(floor, '°')}`);
}

/** A stronger attack changes something when it is worse beyond its own interval and beyond the spread of seeds of the main attack. */
export function beyondInterval(change: Interval, main: Interval, harmful: -1 | 1): boolean {
  const shifted = (main.mean + change.mean) * harmful;
  const edge = main.bounds === undefined ? main.mean : main.bounds[harmful === 1 ? 1 : 0];
  return sideOf(change) === harmful && shifted > edge * harmful;
}

function strongerAttack(place: Place, control: Control): Judged | undefined {
  const judged = ([0, 1] as const).map((i) => {
    const stronger = need(control, i);
    const main = { ...stronger, at: with_(stronger.at, { attack: 'pgd' }) };
    return { change: pairedInterval(place, stronger, main), main: intervalAt(place, main) };
  });
  const [angle, accuracy] = judged;
  if (angle?.change === undefined || accuracy?.change === undefined || !angle.main || !accuracy.main) return undefined;
  const note = `stronger − main: angle ${formatContrast(angle.change, '°')}, accuracy ${formatContrast(accuracy.change, '')}`;
  const worse = beyondInterval(angle.change, angle.main, 1) || beyondInterval(accuracy.change, accuracy.main, -1);
  return worse ? failed(`a stronger attack changes the result: ${note}`) : valid(note);
}

function ownRobustAccuracy(place: Place, control: Control): Judged | undefined {
  const [own, ncc] = [intervalAt(place, need(control, 0)), intervalAt(place, need(control, 1))];
  if (own === undefined || ncc === undefined) return undefined;
  return valid(`AT under PGD: NCC ${formatLevel(ncc)} against the network's own ${formatLevel(own)}`);
}

/** Clean NCC of the trained against the untrained network, at the layers that beat raw pixels under the adaptive attack. */
function untrained(place: Place, control: Control, contrasts: readonly ContrastResult[]): Judged | undefined {
  const measured = need(control, 0);
  const level = (1 - confidenceOf(place)) / 2;
  const robust = contrasts.flatMap((c) => c.layers).filter((l) => l.adjusted !== undefined && l.adjusted < level);
  const at = (epoch: 'last' | 'untrained', layer: string, seed: number): number | undefined => {
    const trial = trialsOf(place, with_(measured.at, { epoch }), seed).find((t) => t?.layer === layer);
    return trial && place.index.value(trial, measured.metric);
  };
  const names = robust.length > 0 ? robust.map((l) => l.layer) : layersSeen(place, measured);
  const gains = names.flatMap((layer) => {
    const values = seedsOf(place).flatMap((seed) => {
      const [a, b] = [at('last', layer, seed), at('untrained', layer, seed)];
      return a === undefined || b === undefined ? [] : [a - b];
    });
    const gain = summarise(values, 'linear', confidenceOf(place));
    return gain === undefined ? [] : [{ layer, gain }];
  });
  if (gains.length === 0) return undefined;
  const note = gains.map((g) => `${g.layer} ${formatContrast(g.gain, '')}`).join(', ');
  const learnt = robust.length === 0 || gains.some((g) => sideOf(g.gain) > 0);
  return learnt ? valid(`clean NCC, trained − untrained: ${note}`) : failed(`no better than untrained: ${note}`);
}

const layersSeen = (place: Place, measured: Measured): readonly string[] => [
  ...new Set(seedsOf(place).flatMap((seed) => trialsOf(place, measured.at, seed).flatMap((t) => t?.layer ?? []))),
];

type Judge = (place: Place, control: Control, contrasts: readonly ContrastResult[]) => Judged | undefined;
const judges: Readonly<Record<ControlId, Judge>> = {
  terminal,
  conditioning,
  'attack-success': attackSuccess,
  'split-half-floor': splitHalfFloor,
  'stronger-attack': strongerAttack,
  'own-robust-accuracy': ownRobustAccuracy,
  untrained,
};

export function evaluateControl(place: Place, control: Control, contrasts: readonly ContrastResult[]): ControlResult {
  const judged = judges[control.id](place, control, contrasts) ?? { state: 'absent' as const, note: control.absent };
  return { control, ...judged };
}
