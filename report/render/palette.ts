/**
 * Colours and dashes. Okabe and Ito's colour-blind-safe hues; the page's style sheet darkens them on white and lightens them on black.
 * Colour shows the training, dash and marker the attack, so that nothing depends on colour alone.
 */
import { norms } from '@ncsweep/catalog/attacks/norm';
import { su2023 } from '@ncsweep/catalog/claims/su2023';
import { attackOf, type AttackParams } from '@ncsweep/catalog/attacks';
import type { RecipeParams } from '@ncsweep/catalog/params';
import type { Named } from '@ncsweep/catalog/sweep';

const hues = ['vermillion', 'blue', 'green', 'purple', 'orange', 'sky'] as const;
type Hue = (typeof hues)[number];
const { training: paperRoles } = su2023.roles;
type PaperRole = keyof typeof paperRoles;
const ofRole: Readonly<Record<PaperRole, Hue>> = { ST: 'vermillion', AT: 'blue', TRADES: 'green' };

const roleOf = (recipe: RecipeParams): PaperRole | undefined =>
  (Object.keys(paperRoles) as PaperRole[]).find((role) => norms.some((norm) => paperRoles[role].fits(recipe, norm)));

/** The first training of each role in the paper keeps the role's hue in every report; others take the remaining hues in order. */
export function hueOf(trainings: readonly Named<RecipeParams>[]): ReadonlyMap<string, Hue> {
  const taken = new Map<string, Hue>();
  for (const training of trainings) {
    const role = roleOf(training.params);
    const preferred = role && ofRole[role];
    const free = hues.filter((h) => ![...taken.values()].includes(h));
    const rest = free.filter((h) => !Object.values<Hue>(ofRole).includes(h));
    taken.set(training.name, preferred && free.includes(preferred) ? preferred : (rest[0] ?? 'sky'));
  }
  return taken;
}

/** The hue of the i-th of several things that are not trainings. */
export const hueAt = (i: number): Hue => hues[i % hues.length] ?? 'sky';

export const colour = (hue: Hue | undefined): string => `var(--${hue ?? 'sky'})`;

type LineSymbol = 'circle' | 'square2' | 'triangle' | 'diamond2';
export interface LineStyle {
  readonly dash: string;
  readonly symbol: LineSymbol;
}

/** Dash and marker by whose loss the attack climbs, and whether it climbs in steps. */
export function lineStyle(attack: AttackParams | undefined): LineStyle {
  if (attack === undefined || attack.kind === 'none') return { dash: '', symbol: 'circle' };
  const part = attackOf(attack);
  const climbs = part.climbs(attack);
  switch (climbs) {
    case 'each layer':
      return { dash: '8 3 2 3', symbol: 'diamond2' };
    case 'network':
      return part.sharesWork ? { dash: '2 3', symbol: 'triangle' } : { dash: '', symbol: 'circle' };
    case 'nothing':
      return { dash: '6 4', symbol: 'square2' };
    default:
      return climbs satisfies never;
  }
}
