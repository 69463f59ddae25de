/** Which attack is stronger than which, by the accuracy that each leaves. */
import {
  accuracy,
  attacksIn,
  judged,
  levels,
  noHigher,
  notRun,
  type AttackRole,
  type Compared,
  type Judged,
  type OwnAttack,
} from './attack-accuracy.ts';
import { bySeed, type BySeed } from './by-seed.ts';
import { equivalence } from './equivalence.ts';
import { accuracyExcess } from './equivalence-check.ts';
import { formatTick } from './format.ts';
import { confidenceOf, type SettingPlace } from './measure.ts';

/** Pairs of which the first is at least as strong as the second. FGSM is a single step in Linf. */
const ordered: readonly (readonly [AttackRole, AttackRole])[] = [
  ['pgd', 'fgsm'],
  ['fgsm', 'noise'],
  ['pgd', 'noise'],
];
const strengthNames: Readonly<Partial<Record<AttackRole, string>>> = { pgd: 'PGD', fgsm: 'FGSM', noise: 'noise' };

/** Compares pairs of attacks at every epsilon where both were evaluated; the title names only attacks that were. */
export function order(place: SettingPlace, training: string): Judged {
  const compared = levels(place, accuracy(training, 'pgd')).flatMap(({ epsilon, place: there }) =>
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

export function strength(place: SettingPlace, training: string): Judged {
  const name = place.roles.attacks.stronger?.name ?? 'stronger';
  const compared = noHigher(place, training, ['pgd', 'stronger'], `fall of accuracy under ${name} at ${epsilonLabel(place)}`);
  const worst = Math.max(0, compared.result?.worst.change ?? 0);
  const note = `accuracy falls by at most ${formatTick(worst)} under ${name} at ${epsilonLabel(place)}`;
  return judged([compared], note) ?? notRun('no attack with more steps or restarts');
}

const epsilonLabel = (place: SettingPlace): string => place.roles.epsilon?.label ?? '';

/** Attacks along gradients of the network's loss, at no target, so that they may be compared with the main one. */
const alongGradients = (place: SettingPlace): readonly OwnAttack[] =>
  attacksIn(place).filter(({ climbs, isTargeted }) => climbs === 'network' && !isTargeted);

/** Seeds and the fall of accuracy from the first numbers to the second, at one epsilon. */
const falling = (place: SettingPlace, seen: BySeed, what: string): Compared => ({
  what,
  seen,
  result: equivalence(accuracyExcess(place, seen.rows, [0, 1]), confidenceOf(place)),
});

/** The largest fall of any seed, or 0. */
const worstFall = (compared: readonly Compared[]): number =>
  Math.max(0, ...compared.map(({ result }) => result?.worst.change ?? 0));

/** Costly attacks often run on test data alone: then a check reads those, and says so. */
function onTestElse<T extends Judged | undefined>(place: SettingPlace, judge: (place: SettingPlace) => T): T {
  const onTraining = judge(place);
  if (onTraining !== undefined && onTraining.state !== 'not run') return onTraining;
  const onTest = judge({ ...place, split: 'test' });
  if (onTest === undefined || onTest.state === 'not run') return onTraining;
  return { ...onTest, note: `${onTest.note} (on test data)` };
}

/** Compares the main attack with every other along gradients, wherever both ran; undefined where there is none to compare with. */
export const others = (place: SettingPlace, training: string): Judged | undefined =>
  onTestElse(place, (there) => othersIn(there, training));

function othersIn(place: SettingPlace, training: string): Judged | undefined {
  const { pgd, fgsm, stronger } = place.roles.attacks;
  const known = [pgd, fgsm, stronger].map((attack) => attack?.name);
  const rivals = alongGradients(place).filter(({ attack }) => !known.includes(attack.name));
  const compared = levels(place, accuracy(training, 'pgd')).flatMap(({ epsilon, place: there }) =>
    rivals
      .map(({ role, attack }) =>
        noHigher(there, training, ['pgd', role], `fall of accuracy under ${attack.name} at ${epsilon.label}`),
      )
      .filter(({ seen }) => seen.rows.length + seen.lost.length > 0),
  );
  if (compared.length === 0) return undefined;
  const names = rivals.map(({ attack }) => attack.name).join(', ');
  return judged(compared, `accuracy falls by at most ${formatTick(worstFall(compared))} under ${names}`);
}

/** The lowest accuracy that any attack along gradients leaves, seed by seed, beside that of the search. */
function besideSearch(place: SettingPlace, training: string, search: OwnAttack): BySeed {
  const found = alongGradients(place)
    .map(({ role }) => bySeed(place, [accuracy(training, role), accuracy(training, search.role)]))
    .filter(({ rows, lost }) => rows.length + lost.length > 0);
  const seeds = new Map<number, readonly number[]>();
  for (const { seed, values } of found.flatMap(({ rows }) => rows)) {
    const [white = 1, black = 0] = values;
    seeds.set(seed, [Math.min(white, seeds.get(seed)?.[0] ?? 1), black]);
  }
  const lost = [...new Map(found.flatMap((f) => f.lost).map((l) => [l.seed, l])).values()];
  return { rows: [...seeds].map(([seed, values]) => ({ seed, values })), lost };
}

/** A search that looks at no gradient and finds more than gradients do shows that these are masked (Carlini et al. 2019). */
export const gradientFree = (place: SettingPlace, training: string): Judged =>
  onTestElse(place, (there) => searchIn(there, training));

function searchIn(place: SettingPlace, training: string): Judged {
  const searches = attacksIn(place).filter(({ attack }) => attack.params.kind === 'square');
  const compared = searches.flatMap((search) =>
    levels(place, accuracy(training, search.role)).map(({ epsilon, place: there }) =>
      falling(
        there,
        besideSearch(there, training, search),
        `fall of accuracy under ${search.attack.name} below that under any gradient at ${epsilon.label}`,
      ),
    ),
  );
  const ran = compared.filter(({ seen }) => seen.rows.length + seen.lost.length > 0);
  if (ran.length === 0) return notRun('no search without gradients (kind: square) ran beside an attack along gradients');
  const names = searches.map(({ attack }) => attack.name).join(', ');
  const summary = `accuracy under ${names} at most ${formatTick(worstFall(ran))} below the lowest under gradients, at ${ran.length} ${ran.length === 1 ? 'epsilon' : 'epsilons'}`;
  return judged(ran, summary) ?? notRun('nothing was compared');
}
