/** What a claim set is: the claims of a paper or study, and which entries play which role in them. */
import type { ArchitectureParams } from '../architectures.ts';
import type { AttackParams } from '../attacks.ts';
import type { Norm } from '../attacks/norm.ts';
import type { DatasetParams } from '../datasets.ts';
import type { RecipeParams } from '../params.ts';
import { selectorsOf, type Claim, type Selector } from './claim.ts';
import { isCommonAttack } from './common-attacks.ts';
import type { ReportSection } from './sections/section.ts';

/** Which entry may play a role: the first that fits in the order the user wrote, judged by parameters, never by a user's names. */
export interface Role<P> {
  readonly fits: (params: P, norm: Norm) => boolean;
  /** An entry that fits, in flow style: `plan` and the report print it where a sweep lacks one. */
  readonly yaml: (norm: Norm) => string;
}

type Roles<P> = Readonly<Record<string, Role<P>>>;

/** Axes for which a set may name roles, besides trainings, for which it must. */
export const roleAxes = ['dataset', 'architecture'] as const;
export type RoleAxis = (typeof roleAxes)[number];

export interface ClaimSet<Name extends string = string, T extends string = string> {
  readonly name: Name;
  /** Whose claims these are, for the reference. */
  readonly summary: string;
  readonly roles: {
    /** A set that names roles of an axis compares along it, so verdicts are judged separately only along the other axes. */
    readonly dataset?: Roles<DatasetParams>;
    readonly architecture?: Roles<ArchitectureParams>;
    readonly training: Readonly<Record<T, Role<RecipeParams>>>;
    /** Attacks besides the common ones. */
    readonly attack?: Roles<AttackParams>;
  };
  /** Abbreviations in the texts of its claims, and what they mean. */
  readonly terms?: Readonly<Record<string, string>>;
  readonly claims: readonly Claim[];
  /** The sections that show the claims, in their order on the page. */
  readonly sections: readonly ReportSection[];
}

/** @throws TypeError when a claim or a section names a role or a contrast that does not exist */
export function defineClaimSet<const Name extends string, const T extends string>(set: ClaimSet<Name, T>): ClaimSet<Name, T> {
  for (const claim of set.claims) checkClaim(set, claim);
  for (const section of set.sections) checkSection(set, section);
  return set;
}

function checkClaim(set: ClaimSet, claim: Claim): void {
  const refuse = (what: string): never => {
    throw new TypeError(`claim ${claim.number} of ${set.name} ${what}`);
  };
  const ids = claim.contrasts.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) refuse('has two contrasts with the same id');
  if (!ids.includes(claim.headline)) refuse(`has no contrast ${claim.headline}, which it calls its headline`);
  if (!claim.contrasts.some(({ required }) => required)) refuse('requires no contrast, so that nothing could contradict it');
  if (claim.about !== undefined && !(claim.about in set.roles.training))
    refuse(`is about ${claim.about}, which is not a training role`);
  for (const selector of selectorsOf(claim)) {
    const wrong = wrongRole(set, selector);
    if (wrong !== undefined) refuse(wrong);
  }
}

function checkSection(set: ClaimSet, section: ReportSection): void {
  const refuse = (what: string): never => {
    throw new TypeError(`section ${section.id} of ${set.name} ${what}`);
  };
  if (section.per === 'stratum') {
    const selectors = section.panels.flatMap(({ series }) => series.flatMap(({ levels }) => levels.map(({ of }) => of.at)));
    for (const wrong of selectors.map((at) => wrongRole(set, at))) if (wrong !== undefined) refuse(wrong);
    return;
  }
  for (const panel of section.blocks.flatMap((block) => (block.kind === 'panels' ? block.panels : [])))
    if (panel.kind === 'margin') {
      const claim = set.claims.find(({ number }) => number === panel.claim);
      const contrast = claim?.contrasts.find(({ id }) => id === panel.contrast);
      if (contrast?.reduction !== 'any-layer')
        refuse(`draws ${panel.contrast}, which is not an any-layer contrast of claim ${panel.claim}`);
    }
}

function wrongRole({ roles }: ClaimSet, selector: Selector): string | undefined {
  for (const axis of roleAxes) {
    const [known, named] = [roles[axis], selector[axis]];
    if (known === undefined && named !== undefined) return `names ${axis} ${named}, but the set has no ${axis} roles`;
    if (known !== undefined && (named === undefined || !(named in known)))
      return `names ${axis} ${String(named)}, expected one of ${Object.keys(known).join(', ')}`;
  }
  if (!(selector.training in roles.training)) return `names training ${selector.training}, which is not a role of the set`;
  const isAttack = selector.attack === 'clean' || isCommonAttack(selector.attack) || selector.attack in (roles.attack ?? {});
  return isAttack ? undefined : `names attack ${selector.attack}, which is neither common nor a role of the set`;
}

/** Whether some claim reads attacked data; only then do strata differ by norm. */
export const isAboutAttacks = ({ claims }: ClaimSet): boolean =>
  claims.some((claim) => selectorsOf(claim).some(({ attack }) => attack !== 'clean'));
