/** 2. The claims, one set after the other: verdict, contrasts with their intervals, controls, and what is missing. */
import type { ContrastResult } from '../../aggregate/contrast.ts';
import { lostText } from '../../aggregate/by-seed.ts';
import type { ControlResult } from '../../aggregate/control.ts';
import { formatContrast, formatNumber } from '../../aggregate/format.ts';
import type { ClaimVerdict, Outcome, SetVerdicts, StratumVerdicts } from '../../aggregate/verdict.ts';
import { headline } from '../../aggregate/verdict-lines.ts';
import { isCommonAttack, type CommonAttack } from '@ncsweep/catalog/claims/common-attacks';
import { fewestSeeds } from '@ncsweep/catalog/claims/decidable';
import { isYaml } from '@ncsweep/catalog/claims/missing-yaml';
import { fileName } from '../file-name.ts';
import { foldedParts, foldedSection } from '../fold.ts';
import { html, type Markup } from '../markup.ts';
import { strip } from '../strip.ts';
import { nameOf, type View } from '../view.ts';

export const outcomeSigns: Readonly<Record<Outcome, string>> = {
  Supported: '✓',
  Contradicted: '✗',
  Inconclusive: '≈',
  'Not measured': '–',
};
const states = { valid: '✓', failed: '✗', absent: '–' } as const;

const trialList = (result: ContrastResult): Markup[] =>
  [...result.samples, ...result.layers.flatMap((l) => l.samples)].map(
    (s) => html`<li>seed ${s.seed}: ${formatNumber(s.value)} <code>ncsweep show ${s.trials.slice(0, 2).join(' ')}</code></li>`,
  );

const marks = ({ outcome, towards }: ContrastResult): string =>
  ({ predicted: '✓', opposite: '✗', undecided: '≈', 'few-seeds': towards ? '(✓)' : '(✗)', absent: '–' })[outcome];

function numbers(result: ContrastResult, beside: ContrastResult | undefined): Markup {
  const { contrast, interval, looks, lost } = result;
  if (interval === undefined) return html`<span class="number">not measured</span>`;
  const test =
    beside?.interval === undefined ? 'test –' : `test ${formatContrast(beside.interval, contrast.unit)} ${marks(beside)}`;
  const wider = looks > 1 ? `, one of ${looks} simultaneous intervals` : '';
  const gone = lost.length === 0 ? '' : `; counts against: ${lostText(lost)}`;
  return html`<span class="number">${formatContrast(interval, contrast.unit)}</span>
    <span class="note">n = ${interval.n}${wider}; ${test}${gone}</span>`;
}

function contrastRow(result: ContrastResult, beside: ContrastResult | undefined): Markup {
  const { contrast } = result;
  const predicted =
    contrast.scale === 'log' ? (contrast.predicted === '+' ? '> 1' : '< 1') : contrast.predicted === '+' ? '> 0' : '< 0';
  return html`<li class="contrast">
    <span class="mark ${result.outcome}">${marks(result)}</span>
    <div>
      <p>${contrast.title} <span class="note">predicted ${predicted}${contrast.required ? '' : ', not required'}</span></p>
      <p>${numbers(result, beside)}</p>
    </div>
    ${strip(result)}
  </li>`;
}

const controlRow = ({ control, state, note }: ControlResult): Markup =>
  html`<li>
    <span class="mark ${state}">${states[state]}</span><span>${control.title} <span class="note">${note}</span></span>
  </li>`;

/** What would have to be added or finished, each listed once. */
function toAdd(verdict: ClaimVerdict): Markup | undefined {
  const lines = [...new Set(verdict.contrasts.flatMap((c) => c.missing))];
  if (lines.length === 0) return undefined;
  const yaml = lines.filter(isYaml);
  const others = lines.filter((l) => !yaml.includes(l));
  return html`<details>
    <summary>To measure it</summary>
    ${
      yaml.length === 0
        ? undefined
        : html`<p class="note">Add under <code>spec</code>:</p>
            <pre class="yaml">${yaml.join('\n')}</pre>`
    }
    <ul>
      ${others.map((l) => html`<li class="note">${l}</li>`)}
    </ul>
  </details>`;
}

const counts = (marks: readonly (readonly [name: string, count: number])[]): string =>
  marks.flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`])).join(', ');

/** "12 contrasts: 11 as predicted, 1 undecided. 2 controls: 2 valid". */
function evidenceSummary({ contrasts, controls, failedChecks }: ClaimVerdict): string {
  const of = (outcome: ContrastResult['outcome']): number => contrasts.filter((c) => c.outcome === outcome).length;
  const are = (state: ControlResult['state']): number => controls.filter((c) => c.state === state).length;
  const found = counts([
    ['as predicted', of('predicted')],
    ['on the other side', of('opposite')],
    ['undecided', of('undecided')],
    ['with too few seeds', of('few-seeds')],
    ['not measured', of('absent')],
  ]);
  const held = counts([
    ['valid', are('valid')],
    ['failed', are('failed')],
    ['not run', are('absent')],
  ]);
  const checks = failedChecks.length === 0 ? '' : `; attack checks: ${failedChecks.length} failed`;
  return `Contrasts: ${found}; controls: ${held}${checks}`;
}

const seedsAndTrials = ({ contrasts }: ClaimVerdict): Markup =>
  html`<details class="trials">
    <summary>Every seed and its trials</summary>
    <ul>
      ${contrasts
        .filter((c) => c.samples.length > 0)
        .map(
          (c) =>
            html`<li>
              ${c.contrast.title}
              <ul>
                ${trialList(c)}
              </ul>
            </li>`,
        )}
    </ul>
  </details>`;

const evidence = (verdict: ClaimVerdict): Markup =>
  html`<details class="evidence">
    <summary>${evidenceSummary(verdict)}</summary>
    <ul class="contrasts">
      ${verdict.contrasts.map((c, i) => contrastRow(c, verdict.beside[i]))}
    </ul>
    <h5>Controls that can veto</h5>
    <ul class="controls">
      ${verdict.controls.map(controlRow)}${verdict.failedChecks.map(
        (c) =>
          html`<li>
            <span class="mark failed">✗</span><span>Attack on ${c.training}: ${c.title} <span class="note">${c.note}</span></span>
          </li>`,
      )}
    </ul>
    ${seedsAndTrials(verdict)}
  </details>`;

const slugOf = (outcome: Outcome): string => outcome.toLowerCase().replace(' ', '-');

function card(verdict: ClaimVerdict, stratum: StratumVerdicts): Markup {
  const { claim, outcome } = verdict;
  const slug = slugOf(outcome);
  const headlined = verdict.contrasts.find(({ contrast }) => contrast.id === claim.headline);
  return html`<article class="claim ${slug}${verdict.dimmed ? ' dimmed' : ''}">
    <h4><span class="no">${claim.number}</span><span>${claim.title}</span></h4>
    <p class="verdict">
      <span class="outcome ${slug}">${outcomeSigns[outcome]} ${outcome}</span>
      ${verdict.directionOnly ? html`<span class="note">direction only, n = ${verdict.n}</span>` : undefined}
      ${headlined && strip(headlined)}
    </p>
    <p class="headline">${headline(verdict, stratum.roles.epsilon?.label)}</p>
    ${evidence(verdict)}${toAdd(verdict)}
  </article>`;
}

/** Display names of attack roles; undefined for those that no claim mentions. */
const roleNames: Readonly<Record<CommonAttack, string | undefined>> = {
  pgd: 'PGD',
  noise: 'noise',
  adaptive: 'adaptive attack',
  'adaptive-scale-free': 'scale-free adaptive attack',
  'adaptive-stronger': 'stronger adaptive attack',
  stronger: 'stronger attack',
  fgsm: undefined,
  'gradient-free': undefined,
};
const roleName = (role: string): string | undefined => (isCommonAttack(role) ? roleNames[role] : role);

type Player = readonly [role: string, name: string];

function playersOf({ datasets, architectures, trainings, attacks }: StratumVerdicts['roles']): readonly Player[] {
  const axes = [datasets, architectures, trainings].flatMap((roles) => Object.entries(roles));
  const named = axes.map(([role, { name }]): Player => [role, name]);
  const attacking = Object.entries(attacks).flatMap(([role, attack]): Player[] => {
    const called = roleName(role);
    return called === undefined || attack === undefined ? [] : [[called, attack.name]];
  });
  return [...named, ...attacking];
}

/** Which entry plays which role, because claims mention roles and the sweep has names. */
function rolesLine({ set }: SetVerdicts, { roles, stratum }: StratumVerdicts): Markup {
  const said = playersOf(roles).map(([role, name]) => html`${role} is <code>${name}</code>`);
  const epsilon = stratum.norm === undefined ? [] : [html`epsilon is ${roles.epsilon?.label ?? 'not evaluated'}`];
  const terms = Object.entries(set.terms ?? {}).map(([term, meaning]) => html`${term} ${meaning}`);
  const all = [...said, ...epsilon, ...terms];
  return html`<p class="note roles">Here ${all.map((each, i) => html`${i === 0 ? '' : ', '}<span>${each}</span>`)}.</p>`;
}

/** "✓ 1 ≈ 2": the outcome of each claim. */
const outcomesLine = ({ verdicts }: StratumVerdicts): Markup =>
  html`${verdicts.map(
    ({ claim, outcome }) =>
      html`<span class="tally"
        ><span class="mark ${slugOf(outcome)}">${outcomeSigns[outcome]}</span> ${claim.number} ${outcome}</span
      > `,
  )}`;

const setPanel = (view: View, set: SetVerdicts): Markup =>
  foldedParts(
    set.strata.map((stratum) => ({ name: nameOf(view, stratum.stratum), summary: outcomesLine(stratum), of: stratum })),
    (stratum) =>
      html`${rolesLine(set, stratum)}
        <div class="cards">${stratum.verdicts.map((verdict) => card(verdict, stratum))}</div>`,
  );

/** How many seeds there are, and what that allows. */
function seedsSentence(seeds: number): string {
  if (seeds < fewestSeeds) return ` Fewer than ${fewestSeeds} seeds decide nothing.`;
  return seeds <= 5 ? ` At n = ${seeds} the t interval relies on the assumption that seeds are normally distributed.` : '';
}

/** Anchor of a set among several. */
export const setAnchor = ({ set }: SetVerdicts): string => `claims-${fileName(set.name)}`;

function claimsSummary({ verdicts: { sets } }: View): string {
  const all = sets.flatMap(({ strata }) => strata.flatMap(({ verdicts }) => verdicts.map(({ outcome }) => outcome)));
  const order = Object.keys(outcomeSigns) as Outcome[];
  return counts(order.map((outcome) => [outcome.toLowerCase(), all.filter((o) => o === outcome).length]));
}

export function claimsPanel(view: View): Markup {
  const { sets } = view.verdicts;
  if (sets.length === 0)
    return foldedSection(
      { id: 'claims', title: 'Claims', summary: 'none', isOpen: true },
      html`<p>This sweep names no claims.</p>`,
    );
  const { seeds, report } = view.tables.sweep;
  return foldedSection(
    { id: 'claims', title: 'Claims', summary: claimsSummary(view), isOpen: true },
    html`<p class="lead">
        Each claim is a short list of paired within-seed contrasts with a sign predicted beforehand; the shaded half of a strip is
        the predicted side, dots are seeds, the bar is the ${100 * report.confidence} % interval.${seedsSentence(seeds.length)} A
        claim is supported when every contrast lies on its predicted side and every control is valid. Any required contrast on the
        other side contradicts it, so intervals there are wider: they hold simultaneously for all of them. Verdicts read the
        training split; the test split is shown beside it.
      </p>
      ${
        sets.length === 1
          ? setPanel(view, sets[0]!)
          : sets.map(
              (each) =>
                html`<section class="set" id="${setAnchor(each)}">
                  <h3>${each.set.name}: ${each.set.summary}</h3>
                  ${setPanel(view, each)}
                </section>`,
            )
      }`,
  );
}
