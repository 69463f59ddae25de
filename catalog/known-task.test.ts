import { exampleTask } from '@ncsweep/protocol/testing/example-task';
import { describe, expect, it } from 'vitest';
import { asKnownTask, UnknownPartError, versionsOfTask } from './known-task.ts';

describe('a task', () => {
  const task = exampleTask('known');

  it('of parts of this catalog is known', () => {
    expect(asKnownTask(task).lineage).toEqual(task.lineage);
    expect(versionsOfTask(asKnownTask(task)).snapshot).toMatchObject({ data: 1 });
  });

  it.each([
    ['a part', { architecture: { name: 'transformer', width: 2, depth: 1 } }, /lineage\.architecture/],
    ['a parameter', { architecture: { name: 'mlp', width: 2 } }, /lineage\.architecture\.depth/],
    ['a value', { recipe: { kind: 'dream' } }, /lineage\.recipe/],
  ])('of another program is refused by %s that it does not know', (_what, change, where) => {
    const strange = { ...task, lineage: { ...task.lineage, ...change } };
    expect(() => asKnownTask(strange)).toThrow(UnknownPartError);
    expect(() => asKnownTask(strange)).toThrow(where);
  });
});
