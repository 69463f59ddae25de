/** What cells record of the attacks themselves: gradients that vanish, perturbations that leave the ball or the box. */
import { logitLossOf } from '@ncsweep/catalog/attacks';
import type { Measured } from '@ncsweep/catalog/claims/claim';
import { attackScalars } from '@ncsweep/catalog/metrics/attack-scalars';
import type { Epsilon } from '@ncsweep/catalog/sweep';
import { accuracy, at, attacksIn, levels, notRun, passedIf, size, type Judged, type OwnAttack } from './attack-accuracy.ts';
import { formatTick } from './format.ts';
import { isLost, read, seedsOf, trialsOf, type SettingPlace } from './measure.ts';

/** An attack counts as blind if the input gradient vanishes for more than this share of examples. */
const mostZeroGradients = 0.05;
/** Rounding of float32 pixels. */
const pixelTolerance = 1e-6;

interface Recorded {
  readonly value: number;
  readonly epsilon: Epsilon;
}

interface Scalars {
  readonly recorded: readonly Recorded[];
  /** Number of evaluations. */
  readonly asked: number;
}

/** A scalar of the cells behind an attack at every epsilon and seed. */
function cellScalars(place: SettingPlace, training: string, { role }: OwnAttack, name: string): Scalars {
  const all = levels(place, accuracy(training, role)).flatMap(({ epsilon, place: there }) =>
    seedsOf(there).flatMap((seed): (Recorded | undefined)[] => {
      const trial = trialsOf(there, at(training, role), seed)[0];
      const value = trial && there.index.cell(trial.cellId)?.scalars?.[name];
      return trial === undefined ? [] : [value === undefined ? undefined : { value, epsilon }];
    }),
  );
  return { recorded: all.flatMap((one) => one ?? []), asked: all.length };
}

/** What passes on some evaluations is said of all only if all recorded it. */
function ofAll(judgement: Judged, recorded: number, asked: number): Judged {
  if (recorded === asked || judgement.state === 'failed') return judgement;
  return notRun(`recorded in ${recorded} of ${asked} evaluations; ${judgement.note}`);
}

/** What was found of one attack, by its worst number. */
export interface AttackFact extends Judged {
  /** The attack that it is about, or those. */
  readonly attacks: readonly string[];
}

interface Fact extends AttackFact {
  readonly worst: number;
}

/** The largest share of examples that are wrong before any attack: of the network, or of the classifier of any layer. */
function wrongWhenClean(place: SettingPlace, training: string, { climbs }: OwnAttack): number {
  const clean = { ...at(training, 'clean'), layer: 'each' } as const;
  const measured: readonly Measured[] =
    climbs === 'network'
      ? [accuracy(training, 'clean')]
      : [
          { metric: 'ncc_accuracy_clean_means', at: clean },
          { metric: 'ncc_accuracy_clean_means', at: { ...clean, layer: 'input' } },
        ];
  const values = measured.flatMap((m) => seedsOf(place).flatMap((seed) => read(place, m, seed) ?? []));
  return Math.max(0, ...values.map((r) => (isLost(r) ? 0 : 1 - r.value)));
}

/**
 * The difference of logits ratio is constant where the label has the third logit, so that images which are already wrong have no gradient,
 * and need none. The record does not tell them apart: a share that they could explain shows nothing.
 */
function ofRatio(place: SettingPlace, training: string, own: OwnAttack, worst: number, judgement: Judged): Judged {
  const explained = judgement.state === 'failed' && logitLossOf(own.attack.params) === 'dlr';
  if (!explained || worst - wrongWhenClean(place, training, own) > mostZeroGradients) return judgement;
  return notRun(`${judgement.note}, where its ratio also has none for images that are wrong before the attack`);
}

const gradient = (place: SettingPlace, training: string, own: OwnAttack): Fact => {
  const { recorded, asked } = cellScalars(place, training, own, attackScalars.zeroGradientShare);
  const attacks = [own.attack.name];
  if (recorded.length === 0) return { ...notRun('the share of zero gradients was not recorded'), attacks, worst: 0 };
  const worst = recorded.reduce((a, b) => (b.value > a.value ? b : a));
  const head = own.climbs === 'each layer' ? ', of the layer with the most' : '';
  const note = `at most ${formatTick(100 * worst.value)} % of examples${head}, at ${worst.epsilon.label}`;
  const judgement = ofAll(passedIf(worst.value <= mostZeroGradients, note), recorded.length, asked);
  return { ...ofRatio(place, training, own, worst.value, judgement), attacks, worst: worst.value };
};

const radius = (place: SettingPlace, training: string, own: OwnAttack): Fact => {
  const scalars = (name: string): Scalars => cellScalars(place, training, own, name);
  const { recorded: radii, asked } = scalars(attackScalars.perturbationMax);
  const attacks = [own.attack.name];
  if (radii.length === 0) return { ...notRun('the size of the perturbation was not recorded'), attacks, worst: 0 };
  const outside = radii.filter((r) => r.value > size(r.epsilon) * (1 + pixelTolerance) + pixelTolerance);
  const least = scalars(attackScalars.pixelMin).recorded;
  const most = scalars(attackScalars.pixelMax).recorded;
  const leaves = [...least.map((p) => -p.value), ...most.map((p) => p.value - 1)].some((excess) => excess > pixelTolerance);
  const fill = Math.max(...radii.map((r) => r.value / size(r.epsilon)));
  const note = `largest perturbation ${formatTick(100 * fill)} % of epsilon${leaves ? ', outside [0, 1]' : ''}`;
  const recorded = Math.min(radii.length, least.length, most.length);
  return { ...ofAll(passedIf(outside.length === 0 && !leaves, note), recorded, asked), attacks, worst: fill };
};

/** One line for all attacks that pass, with the worst of them; each other has its own. */
function merged(facts: readonly Fact[]): readonly AttackFact[] {
  const together = (): readonly AttackFact[] => {
    const of = facts.filter((f) => f.state === 'passed').sort((a, b) => b.worst - a.worst);
    const [worst] = of;
    if (worst === undefined) return [];
    const [name = ''] = worst.attacks;
    const names = facts.flatMap(({ attacks }) => attacks.filter((a) => of.some((f) => f.attacks.includes(a))));
    return [
      {
        state: 'passed',
        attacks: names,
        note: of.length === 1 ? `${name}: ${worst.note}` : `${names.join(', ')}: ${worst.note}, under ${name}`,
      },
    ];
  };
  const failed = facts.filter((f) => f.state === 'failed').map((f) => ({ ...f, note: `${f.attacks.join()}: ${f.note}` }));
  const unknown = facts.filter((f) => f.state === 'not run').map((f) => ({ ...f, note: `${f.attacks.join()}: ${f.note}` }));
  return [...failed, ...together(), ...unknown];
}

/** Attacks that the sweep asks for under this training at the last layer. */
const asked = (place: SettingPlace, training: string): readonly OwnAttack[] =>
  attacksIn(place).filter(({ role }) => levels(place, accuracy(training, role)).length > 0);

const none = (what: string): readonly AttackFact[] => [{ ...notRun(`no ${what} was evaluated`), attacks: [] }];

export function gradients(place: SettingPlace, training: string): readonly AttackFact[] {
  const facts = asked(place, training)
    .filter(({ climbs }) => climbs !== 'nothing')
    .map((own) => gradient(place, training, own));
  return facts.length === 0 ? none('attack along gradients') : merged(facts);
}

export function ball(place: SettingPlace, training: string): readonly AttackFact[] {
  const facts = asked(place, training).map((own) => radius(place, training, own));
  return facts.length === 0 ? none('attack') : merged(facts);
}
