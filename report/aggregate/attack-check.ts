/** Is the attack valid? Checked before any curve is trusted; a failed check blocks every verdict that depends on it. */
import {
  accuracy,
  judged,
  level,
  levels,
  notRun,
  passedIf,
  withOwnRoles,
  type Compared,
  type Judged,
  type Level,
} from './attack-accuracy.ts';
import { ball, gradients, type AttackFact } from './attack-facts.ts';
import { gradientFree, order, others, strength } from './attack-order.ts';
import { bySeed } from './by-seed.ts';
import { accuracyMargin, equivalence } from './equivalence.ts';
import { accuracyExcess } from './equivalence-check.ts';
import { formatTick } from './format.ts';
import { classesOf, confidenceOf, examplesOf, readAll, type SettingPlace } from './measure.ts';
import { chance } from './reference.ts';

export type CheckId = 'falls' | 'chance' | 'order' | 'strength' | 'others' | 'gradient-free' | 'gradients' | 'ball';

export interface AttackCheck {
  readonly id: CheckId;
  readonly training: string;
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'not run';
  readonly note: string;
  /** Names of the attacks that it is about; undefined: all attacks on the network. */
  readonly attacks?: readonly string[];
}

function falls(place: SettingPlace, training: string): Judged {
  const known = levels(place, accuracy(training, 'pgd'));
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
  const last = levels(place, accuracy(training, 'pgd')).at(-1);
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

interface Check {
  readonly id: CheckId;
  readonly title: string;
  readonly judge: (place: SettingPlace, training: string) => Judged | readonly AttackFact[] | undefined;
}

const checks: readonly Check[] = [
  { id: 'falls', title: 'Accuracy falls with epsilon', judge: falls },
  { id: 'chance', title: 'Accuracy reaches chance at the largest epsilon', judge: chanceLevel },
  { id: 'order', title: 'PGD ≥ FGSM ≥ noise in strength', judge: order },
  { id: 'strength', title: 'More steps or restarts change nothing', judge: strength },
  { id: 'others', title: 'No other attack finds more', judge: others },
  { id: 'gradient-free', title: 'A search without gradients finds no more', judge: gradientFree },
  { id: 'gradients', title: 'Few gradients are zero', judge: gradients },
  { id: 'ball', title: 'Perturbations stay in ball and box', judge: ball },
];

/** The checks of every training of a setting. */
export function attackChecks(setting: SettingPlace): readonly AttackCheck[] {
  const place = withOwnRoles(setting);
  return Object.keys(place.roles.trainings).flatMap((training) =>
    checks.flatMap(({ id, title, judge }) =>
      [judge(place, training) ?? []].flat().map((judgement) => ({ id, training, title, ...judgement })),
    ),
  );
}
