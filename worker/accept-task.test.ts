import type { Task } from '@ncsweep/protocol/messages';
import { describe, expect, it } from 'vitest';
import { OlderProgramError, staleness } from './accept-task.ts';
import { evaluateTaskOf, standard, tinyLineage, trainTaskOf } from './testing/tasks.ts';

const lineage = tinyLineage(standard);
const training = trainTaskOf(lineage, [1, 4]);
const evaluation = evaluateTaskOf(lineage, 4, { kind: 'fgsm', target: 'none' }, ['4/255'], 16);
const ours = { data: 1, train: 3 };
const asked = (snapshot: Readonly<Record<string, number>>, evaluate?: Readonly<Record<string, number>>): Task => ({
  ...(evaluate === undefined ? training : evaluation),
  scienceVersions: evaluate === undefined ? { snapshot } : { snapshot, evaluate },
});

describe('a task', () => {
  it('is computed under its versions, said or not, and where a version of 1 is left out', () => {
    expect(staleness(training)).toBeUndefined();
    expect(staleness(evaluation)).toBeUndefined();
    expect(staleness(asked(ours))).toBeUndefined();
    expect(staleness(asked({ ...ours, 'architecture:convnet': 1 }))).toBeUndefined();
  });

  it('of an older version is nobody’s any more', () => {
    expect(staleness(asked({ data: 1, train: 2 }))).toMatch(/was planned under train 2, this worker computes train 3\. Remedy/);
  });

  it.each<[string, Task, RegExp]>([
    ['a newer version', asked({ data: 1, train: 4 }), /was planned under train 4, this worker computes train 3/],
    ['a corrected part', asked({ ...ours, 'loss:ce': 2 }), /loss:ce 2, this worker computes loss:ce 1/],
    ['newer metrics', asked(ours, { data: 1, attack: 1, metrics: 9 }), /metrics 9, this worker computes metrics 2/],
    ['one newer and one older version', asked({ data: 2, train: 2 }), /data 2.*train 2/],
  ])('with %s waits for a newer worker', (_what, task, said) => {
    expect(() => staleness(task)).toThrow(OlderProgramError);
    expect(() => staleness(task)).toThrow(said);
  });

  it('with a part or a field that this program does not know waits for a newer worker', () => {
    const unknownPart = { ...training, lineage: { ...lineage, architecture: { name: 'transformer' } } };
    expect(() => staleness(unknownPart)).toThrow(OlderProgramError);
    // Reading drops the field, so the cell would be computed without it; its id then shows that it is a different cell.
    const [cell] = evaluation.cells;
    const unknownField = { ...evaluation, cells: [{ ...cell!, cellId: 'a'.repeat(64) }] };
    expect(() => staleness(unknownField)).toThrow(/cell a+: its task says things that this worker does not know/);
  });
});
