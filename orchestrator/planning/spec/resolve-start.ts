/** The random start of a PGD as written → the parameter that enters ids: none where it is what its norm has anyway. */
import { defaultStart, type Norm, type TrainingAttack } from '@ncsweep/catalog/params';
import type { TrainingAttackSpec } from '@ncsweep/catalog/language/spec';
import type { Reporter } from './reporter.ts';

type Written = Pick<TrainingAttackSpec, 'start' | 'randomStart'>;

export function resolveStart({ start, randomStart }: Written, norm: Norm, report: Reporter): Pick<TrainingAttack, 'start'> {
  if (start === undefined) return {};
  if (randomStart === false) {
    const remedy = 'remove start, or write randomStart: true';
    report.at('start').refuse(start, 'no start beside randomStart: false, which starts at the clean image', remedy);
  }
  if (norm === 'linf' && start !== 'ball') {
    const expected = 'ball, uniform within eps of every pixel: linf has no other random start';
    report.at('start').refuse(start, expected, 'remove start, or write norm: l2');
  }
  return start === 'ball' && defaultStart[norm] !== 'ball' ? { start } : {};
}
