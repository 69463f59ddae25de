/** Is the attack an attack? Checked before any curve is believed; a failed check blocks every verdict that depends on it. */
import { attackScalars } from '@ncsweep/protocol/attack-scalars';
import type { AttackRole, Selector, TrainingRole } from '@ncsweep/catalog/claims/claim';
import { clean } from '@ncsweep/catalog/claims/points';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { Epsilon } from '@ncsweep/catalog/sweep';
import { beyondInterval, pairedInterval } from './control.ts';
import { formatContrast, formatLevel, formatTick } from './format.ts';
import { sideOf, type Interval } from './interval.ts';
import { intervalAt, seedsOf, trialsOf, type Place } from './measure.ts';

export type CheckId = 'falls' | 'chance' | 'order' | 'strength' | 'gradients' | 'ball';

export interface AttackCheck {
  readonly id: CheckId;
  readonly training: TrainingRole;
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'not run';
  readonly note: string;
}

/** Share of examples whose input gradient vanishes above which the attack is blind. */
const mostZeroGradients = 0.05;
/** Rounding of float32 pixels. */
const pixelTolerance = 1e-6;

type Judged = Pick<AttackCheck, 'state' | 'note'>;
const notRun = (note: string): Judged => ({ state: 'not run', note });
const passedIf = (ok: boolean, note: string): Judged => ({ state: ok ? 'passed' : 'failed', note });

const at = (training: TrainingRole, attack: AttackRole): Selector => ({ training, epoch: 'last', attack, layer: 'last' });
const accuracy = (training: TrainingRole, attack: AttackRole) => ({ metric: 'accuracy', at: at(training, attack) });
const size = (e: Epsilon): number => toNumber(parseRational(e.value) ?? { num: 0n, den: 1n });

/** The place at another epsilon. */
const facing = (place: Place, epsilon: Epsilon): Place => ({ ...place, roles: { ...place.roles, epsilon } });

interface Level {
  readonly epsilon: Epsilon;
  readonly place: Place;
  readonly accuracy: Interval;
}

/** Accuracy at every epsilon at which the attack was evaluated, ascending. */
function levels(place: Place, training: TrainingRole, attack: AttackRole): readonly Level[] {
  const { sweep } = place.index.tables;
  const all = new Map(sweep.grids.flatMap((g) => g.epsilons).map((e) => [e.value, e]));
  return [...all.values()]
    .filter((e) => e.value !== clean)
    .sort((a, b) => size(a) - size(b))
    .flatMap((epsilon) => {
      const there = facing(place, epsilon);
      const found = intervalAt(there, accuracy(training, attack));
      return found === undefined ? [] : [{ epsilon, place: there, accuracy: found }];
    });
}

function falls(place: Place, training: TrainingRole): Judged {
  const known = levels(place, training, 'pgd');
  const start = intervalAt(place, accuracy(training, 'clean'));
  const last = known.at(-1);
  if (start === undefined || last === undefined) return notRun('accuracy under PGD is not measured');
  const steps = [start, ...known.map((l) => l.accuracy)];
  // A rise counts when it is larger than the seeds' own spread at both ends.
  const rises = steps
    .slice(1)
    .some((next, i) => (next.bounds?.[0] ?? next.mean) > (steps[i]?.bounds?.[1] ?? steps[i]?.mean ?? 1));
  return passedIf(
    !rises && last.accuracy.mean < start.mean,
    `from ${formatLevel(start)} clean to ${formatLevel(last.accuracy)} at ${last.epsilon.label}`,
  );
}

function chance(place: Place, training: TrainingRole): Judged {
  const last = levels(place, training, 'pgd').at(-1);
  const classes = place.index.classes(place.roles.stratum.dataset);
  if (last === undefined || classes === undefined) return notRun('accuracy under PGD is not measured');
  const low = last.accuracy.bounds?.[0] ?? last.accuracy.mean;
  const note = `${formatLevel(last.accuracy)} at ${last.epsilon.label}, the largest; chance is ${formatTick(1 / classes)}`;
  return passedIf(low <= 1 / classes, low <= 1 / classes ? note : `${note}: add a larger epsilon such as 64/255`);
}

/** PGD is at least as strong as FGSM, and FGSM as noise, at every epsilon where both were evaluated. */
function order(place: Place, training: TrainingRole): Judged {
  const pairs: readonly (readonly [AttackRole, AttackRole])[] = [
    ['pgd', 'fgsm'],
    ['fgsm', 'noise'],
    ['pgd', 'noise'],
  ];
  const compared = levels(place, training, 'pgd').flatMap((level) =>
    pairs.flatMap(([a, b]) => {
      const difference = pairedInterval(level.place, accuracy(training, a), accuracy(training, b));
      return difference === undefined ? [] : [{ names: `${a} − ${b}`, epsilon: level.epsilon.label, difference }];
    }),
  );
  if (compared.length === 0) return notRun('neither FGSM nor noise was evaluated beside PGD');
  const wrong = compared.find((c) => sideOf(c.difference) > 0);
  if (wrong !== undefined)
    return passedIf(false, `accuracy ${wrong.names} ${formatContrast(wrong.difference, '')} at ${wrong.epsilon}`);
  const without = compared.some((c) => c.names.includes('fgsm')) ? '' : '; FGSM not run';
  return passedIf(true, `at ${new Set(compared.map((c) => c.epsilon)).size} epsilons${without}`);
}

function strength(place: Place, training: TrainingRole): Judged {
  const change = pairedInterval(place, accuracy(training, 'stronger'), accuracy(training, 'pgd'));
  const main = intervalAt(place, accuracy(training, 'pgd'));
  if (change === undefined || main === undefined) return notRun('no attack with more steps or restarts');
  const name = place.roles.attacks.stronger?.name ?? 'stronger';
  return passedIf(
    !beyondInterval(change, main, -1),
    `accuracy ${name} − main ${formatContrast(change, '')} at ${epsilonLabel(place)}`,
  );
}

const epsilonLabel = (place: Place): string => place.roles.epsilon?.label ?? '';

/** A scalar of the cells behind the main attack at every epsilon and seed. */
function cellScalars(place: Place, training: TrainingRole, name: string): readonly { value: number; epsilon: Epsilon }[] {
  return levels(place, training, 'pgd').flatMap(({ epsilon, place: there }) =>
    seedsOf(there).flatMap((seed) => {
      const trial = trialsOf(there, at(training, 'pgd'), seed)[0];
      const value = trial && there.index.cell(trial.cellId)?.scalars?.[name];
      return value === undefined ? [] : [{ value, epsilon }];
    }),
  );
}

function gradients(place: Place, training: TrainingRole): Judged {
  const shares = cellScalars(place, training, attackScalars.zeroGradientShare);
  if (shares.length === 0) return notRun('the share of zero gradients was not recorded');
  const worst = shares.reduce((a, b) => (b.value > a.value ? b : a));
  const note = `at most ${formatTick(100 * worst.value)} % of examples, at ${worst.epsilon.label}`;
  return passedIf(worst.value <= mostZeroGradients, note);
}

function ball(place: Place, training: TrainingRole): Judged {
  const radii = cellScalars(place, training, attackScalars.perturbationMax);
  if (radii.length === 0) return notRun('the size of the perturbation was not recorded');
  const outside = radii.filter((r) => r.value > size(r.epsilon) + pixelTolerance);
  const box = [
    ...cellScalars(place, training, attackScalars.pixelMin).map((p) => -p.value),
    ...cellScalars(place, training, attackScalars.pixelMax).map((p) => p.value - 1),
  ];
  const leaves = box.some((excess) => excess > pixelTolerance);
  const fill = Math.max(...radii.map((r) => r.value / size(r.epsilon)));
  return passedIf(
    outside.length === 0 && !leaves,
    `largest perturbation ${formatTick(100 * fill)} % of epsilon${leaves ? ', outside [0, 1]' : ''}`,
  );
}

const checks: readonly { id: CheckId; title: string; judge: (place: Place, training: TrainingRole) => Judged }[] = [
  { id: 'falls', title: 'Accuracy falls with epsilon', judge: falls },
  { id: 'chance', title: 'Accuracy reaches chance at the largest epsilon', judge: chance },
  { id: 'order', title: 'PGD ≥ FGSM ≥ noise', judge: order },
  { id: 'strength', title: 'More steps or restarts change nothing', judge: strength },
  { id: 'gradients', title: 'Few gradients are zero', judge: gradients },
  { id: 'ball', title: 'Perturbations stay in ball and box', judge: ball },
];

/** The checks of every training of a dataset × architecture. */
export function attackChecks(place: Place): readonly AttackCheck[] {
  return (['ST', 'AT', 'TRADES'] as const)
    .filter((training) => place.roles.trainings[training] !== undefined)
    .flatMap((training) => checks.map(({ id, title, judge }) => ({ id, training, title, ...judge(place, training) })));
}
