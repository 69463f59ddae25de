import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StepHalving } from './step-halving.ts';

/** Checkpoints of a run of this length: after which iterations, from 1. */
function checkpoints(steps: number): number[] {
  const halving = new StepHalving(steps, Float32Array.of(0));
  return Array.from({ length: steps }, (_, i) => i + 1).filter(() => halving.after(Float32Array.of(0)).halved !== undefined);
}

describe('the step of an example', () => {
  it("is looked at after the paper's shares of 100 steps", () => {
    expect(checkpoints(100)).toEqual([22, 41, 57, 70, 80, 87, 93, 99]);
  });

  it('is looked at however short the run', () => {
    expect(checkpoints(1)).toEqual([1]);
    expect(checkpoints(5)).toEqual([1, 2, 3, 4, 5]);
  });

  it('stays while the loss rises, and halves when it rises in three of four iterations or fewer', () => {
    const halvings = (falls: readonly number[]): number[] => {
      const halving = new StepHalving(100, Float32Array.of(0));
      let loss = 0;
      return Array.from({ length: 22 }, (_, i) => {
        loss += falls.includes(i) ? -0.5 : 1;
        return halving.after(Float32Array.of(loss)).halved?.[0] ?? 0;
      });
    };
    expect(halvings([]).at(-1)).toBe(0);
    expect(halvings([3, 7, 9, 12, 15]).at(-1)).toBe(0); // 17 of 22 rises
    expect(halvings([3, 7, 9, 12, 15, 17]).at(-1)).toBe(1); // 16 of 22
  });

  it('halves when neither it nor the best loss has changed since the last checkpoint', () => {
    const halving = new StepHalving(100, Float32Array.of(0));
    const at = (loss: number) => halving.after(Float32Array.of(loss)).halved?.[0];
    for (let i = 1; i <= 22; i++) at(i + 100);
    // From far below, the loss rises in every iteration but never above the best.
    const later = Array.from({ length: 19 }, (_, i) => at(i));
    expect(later.at(-1)).toBe(1);
  });

  it('says which examples improved, each by itself, and keeps their best', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float({ noNaN: true }), fc.float({ noNaN: true })), { minLength: 1, maxLength: 30 }),
        (rows) => {
          const halving = new StepHalving(rows.length, Float32Array.of(0, 0));
          let best = [0, 0];
          for (const row of rows) {
            const { improved } = halving.after(Float32Array.from(row));
            expect([...improved]).toEqual(row.map((v, i) => Number(v > best[i]!)));
            best = best.map((v, i) => Math.max(v, row[i]!));
          }
          expect([...halving.best]).toEqual(best);
        },
      ),
    );
  });
});
