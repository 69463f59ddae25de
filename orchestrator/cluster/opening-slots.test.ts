import { describe, expect, it } from 'vitest';
import { OpeningSlots } from './opening-slots.ts';
import { settle } from '../testing/test-clock.ts';

function bench() {
  const slots = new OpeningSlots();
  const begun: number[] = [];
  const ends = new Map<number, { readonly done: () => void; readonly fail: (error: Error) => void }>();
  const open = (cells: number): Promise<void> =>
    slots.run(cells, () => {
      begun.push(cells);
      return new Promise<void>((done, fail) => ends.set(cells, { done, fail }));
    });
  return { begun, ends, open };
}

describe('slots for opening engines', () => {
  it('open large plans one after another, the smallest first, and small ones beside them', async () => {
    const { begun, ends, open } = bench();
    for (const cells of [90_000, 80_000, 70_000, 10, 20]) void open(cells);
    await settle();
    expect(begun).toEqual([90_000, 10, 20]);
    ends.get(90_000)!.done();
    await settle();
    expect(begun.slice(3)).toEqual([70_000]);
  });

  it('go to the next when opening failed', async () => {
    const { begun, ends, open } = bench();
    const failed = open(90_000);
    void open(80_000);
    ends.get(90_000)!.fail(new Error('no store'));
    await expect(failed).rejects.toThrow('no store');
    await settle();
    expect(begun).toEqual([90_000, 80_000]);
  });

  it('are free again for who comes later', async () => {
    const { begun, ends, open } = bench();
    void open(90_000);
    ends.get(90_000)!.done();
    await settle();
    void open(70_000);
    expect(begun).toEqual([90_000, 70_000]);
  });

  it('bound small plans too', async () => {
    const { begun, open } = bench();
    for (let cells = 0; cells < 20; cells += 1) void open(cells);
    await settle();
    expect(begun.length).toBe(8);
  });
});
