/** How PGD's random start is drawn. */
import { z } from 'zod';
import type { Refuse } from '../part.ts';
import type { Norm } from './norm.ts';

/** `direction`: a random direction times U(0,1)·eps, as in the source paper; `ball`: uniform in the ball, which in many dimensions means on its surface. */
export const randomStarts = ['direction', 'ball'] as const;
export type RandomStart = (typeof randomStarts)[number];

export const defaultStart = { linf: 'ball', l2: 'direction' } as const satisfies Record<Norm, RandomStart>;

export const start = z
  .enum(randomStarts)
  .optional()
  .describe(
    'how the random start is drawn. direction: a random direction times U(0,1)*eps, the default for l2; ball: uniform in the ball, the only choice for linf',
  );

interface Started {
  readonly norm: Norm;
  readonly randomStart: boolean;
  readonly start?: RandomStart;
}

export function checkStart({ start: asked, norm, randomStart }: Started, refuse: Refuse): void {
  if (asked === undefined) return;
  if (!randomStart)
    refuse(
      ['start'],
      'no start together with randomStart: false, which starts at the clean image',
      'remove start, or write randomStart: true',
    );
  if (norm === 'linf' && asked !== 'ball')
    refuse(
      ['start'],
      'ball, uniform within eps of every pixel: linf has no other random start',
      'remove start, or write norm: l2',
    );
}

/** Ids include a start only if it is not its norm's default, so that the ids of attacks without a choice stay the same. */
export function settleStart<V extends Started>(values: V): V {
  if (values.start !== defaultStart[values.norm]) return values;
  const { start: _, ...settled } = values;
  return settled as V;
}

export const startRules = [
  {
    rule: '!has(self.start) || !has(self.randomStart) || self.randomStart',
    message: 'start says how a random start is drawn: remove it, or write randomStart: true',
  },
  {
    rule: "!has(self.start) || self.start == 'ball' || (has(self.norm) && self.norm == 'l2')",
    message: 'ball is the only random start of linf: remove start, or write norm: l2',
  },
];
