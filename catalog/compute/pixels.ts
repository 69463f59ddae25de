/** Exact budgets and steps as numbers in pixel units. */
import type { StepSize } from '../attacks/step-size.ts';
import { parseRational, toNumber } from '@ncsweep/protocol/rational';

/** "p/q" in pixel units. */
export const pixels = (text: string): number => toNumber(parseRational(text)!);

export const stepPixels = (step: StepSize, epsilon: number): number =>
  step.kind === 'absolute' ? pixels(step.value) : pixels(step.value) * epsilon;
