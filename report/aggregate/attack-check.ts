/** Is the attack valid? Checked before any curve is trusted; a failed check blocks every verdict that depends on it. */
import { attackScalars } from '@ncsweep/catalog/metrics/attack-scalars';
import type { Measured, Selector } from '@ncsweep/catalog/claims/claim';
import type { CommonAttack } from '@ncsweep/catalog/claims/common-attacks';
import { clean } from '@ncsweep/catalog/claims/points';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';
import type { Epsilon } from '@ncsweep/catalog/sweep';
import { bySeed, levelOf, lostText, type BySeed } from './by-seed.ts';
import { accuracyMargin, equivalence, type Equivalence } from './equivalence.ts';
import { accuracyExcess, judgeEquivalences } from './equivalence-check.ts';
import { formatLevel, formatTick } from './format.ts';
import { classesOf, confidenceOf, examplesOf, readAll, seedsOf, trialsOf, type SettingPlace } from './measure.ts';
import { chance } from './reference.ts';

export type CheckId = 'falls' | 'chance' | 'order' | 'strength' | 'gradients' | 'ball';

export interface AttackCheck {
  readonly id: CheckId;
  readonly training: string;
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'not run';
  readonly note: string;
}

/** An attack counts as blind if the input gradient vanishes for more than this share of examples. */
const mostZeroGradients = 0.05;
/** Rounding of float32 pixels. */
const pixelTolerance = 1e-6;

/** A title where it depends on what ran. */
type Judged = Pick<AttackCheck, 'state' | 'note'> & { readonly title?: string };
const notRun = (note: string): Judged => ({ state: 'not run', note });
const passedIf = (ok: boolean, note: string): Judged => ({ state: ok ? 'passed' : 'failed', note });

type AttackRole = CommonAttack | 'clean';

const at = (training: string, attack: AttackRole): Selector => ({ training, epoch: 'last', attack, layer: 'last' });
const accuracy = (training: string, attack: AttackRole): Measured => ({ metric: 'accuracy', at: at(training, attack) });
const size = (e: Epsilon): number => toNumber(parseRational(e.value) ?? { num: 0n, den: 1n });

/** The place at another epsilon. */
const facing = (place: SettingPlace, epsilon: Epsilon): SettingPlace => ({ ...place, roles: { ...place.roles, epsilon } });

/** Every epsilon at which the attack was requested, ascending. */
function levels(place: SettingPlace, training: string, attack: AttackRole): readonly Level[] {
  const { sweep } = place.index.tables;
  const all = new Map(sweep.grids.flatMap((g) => g.epsilons).map((e) => [e.value, e]));
  return [...all.values()]
    .filter((e) => e.value !== clean)
    .sort((a, b) => size(a) - size(b))
    .map((epsilon) => ({ epsilon, place: facing(place, epsilon) }))
    .filter(({ place: there }) => readAll(there, accuracy(training, attack)).length > 0);
}

interface Level {
  readonly epsilon: Epsilon;
  readonly place: SettingPlace;
}

interface Compared {
  readonly what: string;
  readonly seen: BySeed;
  readonly result: Equivalence | undefined;
}

/** Whether the first accuracy is no higher than the second at one epsilon, seed by seed. */
function noHigher(
  place: SettingPlace,
  training: string,
  [lower, upper]: readonly [AttackRole, AttackRole],
  what: string,
): Compared {
  const seen = bySeed(place, [accuracy(training, lower), accuracy(training, upper)]);
  return { what, seen, result: equivalence(accuracyExcess(place, seen.rows, [0, 1]), confidenceOf(place)) };
}

/** A lost seed fails the check; if every comparison passes, only a summary is reported. */
function judged(compared: readonly Compared[], summary: string): Judged | undefined {
  const lost = compared.find((c) => c.seen.lost.length > 0);
  if (lost !== undefined) return { state: 'failed', note: `${lost.what}: ${lostText(lost.seen.lost)}` };
  const check = judgeEquivalences(compared.map(({ what, result }) => ({ what, unit: '', result })));
  if (check === undefined) return undefined;
  if (check.state === 'valid') return { state: 'passed', note: summary };
  const open = compared.filter((c) => c.result?.state !== 'shown').map(({ what, result }) => ({ what, unit: '', result }));
  return { state: check.state === 'few' ? 'not run' : 'failed', note: judgeEquivalences(open.slice(0, 1))?.note ?? summary };
}

function falls(place: SettingPlace, training: string): Judged {
  const known = levels(place, training, 'pgd');
  const last = known.at(-1);
  if (last === undefined || readAll(place, accuracy(training, 'clean')).length === 0)
    return notRun('accuracy under PGD is not measured');
  const ends = [accuracy(training, 'clean'), accuracy(training, 'pgd')];
  const seen = bySeed(last.place, ends);
  const note = `from ${level(last.place, seen, ends, 0)} clean to ${level(last.place, seen, ends, 1)} at ${last.epsilon.label}`;
  const examples = examplesOf(place);
  const stands = seen.rows.find(({ values: [first = 0, end = 1] }) => first - end <= accuracyMargin(first, examples));
  if (stands !== undefined) return passedIf(false, `${note}; seed ${stands.seed} does not fall`);
  const steps = [...known.keys()].map((i) => rise(place, training, known[i - 1], known[i]!));
  return judged(steps, note) ?? notRun('accuracy under PGD is not measured');
}

/** Whether accuracy does not rise from one epsilon (clean where there is none) to the next. */
function rise(place: SettingPlace, training: string, before: Level | undefined, after: Level): Compared {
  const attack = before === undefined ? 'clean' : 'pgd';
  const from = bySeed(before?.place ?? place, [accuracy(training, attack)]);
  const to = bySeed(after.place, [accuracy(training, 'pgd')]);
  const rows = to.rows.flatMap(({ seed, values }) => {
    const earlier = from.rows.find((r) => r.seed === seed);
    return earlier === undefined ? [] : [{ seed, values: [...values, ...earlier.values] }];
  });
  return {
    what: `rise of accuracy from ${before?.epsilon.label ?? '0'} to ${after.epsilon.label}`,
    seen: { rows, lost: [...from.lost, ...to.lost] },
    result: equivalence(accuracyExcess(place, rows, [0, 1]), confidenceOf(place)),
  };
}

function chanceLevel(place: SettingPlace, training: string): Judged {
  const last = levels(place, training, 'pgd').at(-1);
  const classes = classesOf(place);
  if (last === undefined || classes === undefined) return notRun('accuracy under PGD is not measured');
  const guess = chance(classes);
  const asked = [accuracy(training, 'pgd')];
  const seen = bySeed(last.place, asked);
  const rows = seen.rows.map(({ seed, values }) => ({ seed, values: [...values, guess] }));
  const result = equivalence(accuracyExcess(last.place, rows, [0, 1]), confidenceOf(place));
  const note = `${level(last.place, seen, asked, 0)} at ${last.epsilon.label}, the largest; chance is ${formatTick(guess)}`;
  const said =
    judged([{ what: `${note}; excess over chance`, seen, result }], note) ?? notRun('accuracy under PGD is not measured');
  return said.state === 'failed'
    ? { ...said, note: `${said.note}: add a larger epsilon, at which every network must fail` }
    : said;
}

const level = (place: SettingPlace, seen: BySeed, needs: readonly Measured[], i: number): string => {
  const interval = levelOf(place, seen, needs, i);
  return interval === undefined ? '' : formatLevel(interval);
};

/** Pairs of which the first is at least as strong as the second. FGSM is a single step in Linf. */
const ordered: readonly (readonly [AttackRole, AttackRole])[] = [
  ['pgd', 'fgsm'],
  ['fgsm', 'noise'],
  ['pgd', 'noise'],
];
const strengthNames: Readonly<Partial<Record<AttackRole, string>>> = { pgd: 'PGD', fgsm: 'FGSM', noise: 'noise' };

/** Compares pairs of attacks at every epsilon where both were evaluated; the title names only attacks that were. */
function order(place: SettingPlace, training: string): Judged {
  const compared = levels(place, training, 'pgd').flatMap(({ epsilon, place: there }) =>
    ordered
      .map((pair) => ({
        pair,
        epsilon,
        ...noHigher(there, training, pair, `accuracy ${pair[0]} − ${pair[1]} at ${epsilon.label}`),
      }))
      .filter(({ seen }) => seen.rows.length + seen.lost.length > 0),
  );
  const ran = (['pgd', 'fgsm', 'noise'] as const).filter((role) => compared.some(({ pair }) => pair.includes(role)));
  if (ran.length === 0) return notRun('neither FGSM nor noise was evaluated beside PGD');
  const pairs = ordered.flatMap((pair) => {
    const at = compared.filter((c) => c.pair === pair).length;
    return at === 0
      ? []
      : [`${pair.map((role) => strengthNames[role]).join(' ≥ ')} at ${at} ${at === 1 ? 'epsilon' : 'epsilons'}`];
  });
  const isLinf = place.roles.stratum.norm === 'linf';
  const absent = (['fgsm', 'noise'] as const).filter((role) => !ran.includes(role) && (role !== 'fgsm' || isLinf));
  const without = absent.map((role) => `; ${strengthNames[role] ?? role} not run`).join('');
  const title = `${ran.map((role) => strengthNames[role]).join(' ≥ ')} in strength`;
  return { ...(judged(compared, `${pairs.join(', ')}${without}`) ?? notRun('nothing was compared')), title };
}

function strength(place: SettingPlace, training: string): Judged {
  const name = place.roles.attacks.stronger?.name ?? 'stronger';
  const compared = noHigher(place, training, ['pgd', 'stronger'], `fall of accuracy under ${name} at ${epsilonLabel(place)}`);
  const worst = Math.max(0, compared.result?.worst.change ?? 0);
  const note = `accuracy falls by at most ${formatTick(worst)} under ${name} at ${epsilonLabel(place)}`;
  return judged([compared], note) ?? notRun('no attack with more steps or restarts');
}

const epsilonLabel = (place: SettingPlace): string => place.roles.epsilon?.label ?? '';

interface Recorded {
  readonly value: number;
  readonly epsilon: Epsilon;
}

/** A scalar of the cells behind the main attack at every epsilon and seed, and how many cells there are. */
function cellScalars(
  place: SettingPlace,
  training: string,
  name: string,
): { readonly recorded: readonly Recorded[]; readonly asked: number } {
  const all = levels(place, training, 'pgd').flatMap(({ epsilon, place: there }) =>
    seedsOf(there).flatMap((seed): (Recorded | undefined)[] => {
      const trial = trialsOf(there, at(training, 'pgd'), seed)[0];
      const value = trial && there.index.cell(trial.cellId)?.scalars?.[name];
      return trial === undefined ? [] : [value === undefined ? undefined : { value, epsilon }];
    }),
  );
  return { recorded: all.flatMap((one) => one ?? []), asked: all.length };
}

/** Only the main attack is looked into, so its name belongs to what is said. */
const mainAttack = (place: SettingPlace): string => place.roles.attacks.pgd?.name ?? 'PGD';

/** What passes on some evaluations is said of all only if all recorded it. */
function ofAll(judgement: Judged, recorded: number, asked: number): Judged {
  if (recorded === asked || judgement.state === 'failed') return judgement;
  return notRun(`recorded in ${recorded} of ${asked} evaluations; ${judgement.note}`);
}

function gradients(place: SettingPlace, training: string): Judged {
  const { recorded, asked } = cellScalars(place, training, attackScalars.zeroGradientShare);
  if (recorded.length === 0) return notRun('the share of zero gradients was not recorded');
  const worst = recorded.reduce((a, b) => (b.value > a.value ? b : a));
  const note = `${mainAttack(place)}: at most ${formatTick(100 * worst.value)} % of examples, at ${worst.epsilon.label}`;
  return ofAll(passedIf(worst.value <= mostZeroGradients, note), recorded.length, asked);
}

function ball(place: SettingPlace, training: string): Judged {
  const { recorded: radii, asked } = cellScalars(place, training, attackScalars.perturbationMax);
  if (radii.length === 0) return notRun('the size of the perturbation was not recorded');
  const outside = radii.filter((r) => r.value > size(r.epsilon) * (1 + pixelTolerance) + pixelTolerance);
  const least = cellScalars(place, training, attackScalars.pixelMin).recorded;
  const most = cellScalars(place, training, attackScalars.pixelMax).recorded;
  const leaves = [...least.map((p) => -p.value), ...most.map((p) => p.value - 1)].some((excess) => excess > pixelTolerance);
  const fill = Math.max(...radii.map((r) => r.value / size(r.epsilon)));
  const note = `${mainAttack(place)}: largest perturbation ${formatTick(100 * fill)} % of epsilon${leaves ? ', outside [0, 1]' : ''}`;
  const recorded = Math.min(radii.length, least.length, most.length);
  return ofAll(passedIf(outside.length === 0 && !leaves, note), recorded, asked);
}

const checks: readonly { id: CheckId; title: string; judge: (place: SettingPlace, training: string) => Judged }[] = [
  { id: 'falls', title: 'Accuracy falls with epsilon', judge: falls },
  { id: 'chance', title: 'Accuracy reaches chance at the largest epsilon', judge: chanceLevel },
  { id: 'order', title: 'PGD ≥ FGSM ≥ noise in strength', judge: order },
  { id: 'strength', title: 'More steps or restarts change nothing', judge: strength },
  { id: 'gradients', title: 'Few gradients are zero', judge: gradients },
  { id: 'ball', title: 'Perturbations stay in ball and box', judge: ball },
];

/** The checks of every training of a setting. */
export function attackChecks(place: SettingPlace): readonly AttackCheck[] {
  return Object.keys(place.roles.trainings).flatMap((training) =>
    checks.map(({ id, title, judge }) => ({ id, training, title, ...judge(place, training) })),
  );
}
