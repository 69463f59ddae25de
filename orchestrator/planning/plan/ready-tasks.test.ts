import { exampleSweep, grid } from '@ncsweep/catalog/testing/example-sweep';
import { asKnownTask, idInTask, versionsOfTask } from '@ncsweep/catalog/known-task';
import { task as taskSchema, type Task } from '@ncsweep/protocol/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitrarySweep } from '../../testing/arbitrary-sweep.ts';
import { planSweep, type Plan } from './plan.ts';
import { readyTasks } from './ready-tasks.ts';
import { blockedCells, type PlanState } from './state.ts';

const plan = planSweep(exampleSweep, 'wasm', 100);
const state = (change: Partial<PlanState> = {}): PlanState => ({
  done: new Set(),
  parked: new Map(),
  queued: new Set(),
  ...change,
});
const idsOf = (tasks: readonly Task[]): string[] => tasks.flatMap((t) => t.cells.map((c) => c.cellId));
const all = (p: Plan): string[] => [...p.cells.keys()];

/** Commits whatever is ready until nothing is left. @returns the cells in the order of their commits */
function runAll(p: Plan, parked: PlanState['parked'] = new Map()): string[] {
  const done = new Set<string>();
  for (;;) {
    const ready = idsOf(readyTasks(p, state({ done, parked })));
    if (ready.length === 0) return [...done];
    for (const id of ready) {
      expect(done).not.toContain(id);
      done.add(id);
    }
  }
}

describe('readyTasks', () => {
  it('says all that a worker needs to give its cells the same ids', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const some = planSweep(sweep, 'wasm', 100);
        const done = new Set(some.trainings.flatMap(({ cells }) => cells.map(({ cellId }) => cellId)));
        for (const message of [...readyTasks(some, state()), ...readyTasks(some, state({ done }))]) {
          const task = asKnownTask(taskSchema.parse(JSON.parse(JSON.stringify(message))));
          expect(task.cells.map((cell) => idInTask(task, cell))).toEqual(task.cells.map(({ cellId }) => cellId));
          expect(message.scienceVersions).toEqual(versionsOfTask(task));
        }
      }),
    );
  });

  it('starts with one task a training, with its wanted snapshots by epoch', () => {
    const tasks = readyTasks(plan, state());
    expect(tasks).toHaveLength(6);
    for (const t of tasks) {
      expect(t.class).toBe('train');
      expect(t.startFrom).toBeUndefined();
      expect(t.cells.map((c) => (c.kind === 'snapshot' ? c.epoch : -1))).toEqual([0, 1, 10, 30, 60]);
      expect(taskSchema.parse(t)).toEqual(t);
    }
    const recipes = tasks.map(({ lineage: { recipe } }) => (recipe.kind === 'train' && recipe['attack'] !== null ? 'AT' : 'ST'));
    expect(recipes).toEqual(['AT', 'AT', 'AT', 'ST', 'ST', 'ST']);
  });

  it('starts from the latest committed snapshot before the first wanted one', () => {
    const [first] = plan.trainings;
    const [zero, one, ten, thirty, sixty] = first!.cells;
    const done = new Set([zero!, one!, thirty!].map((c) => c.cellId));
    const tasks = readyTasks(plan, state({ done })).filter(
      (t) => t.class === 'train' && idsOf([t]).some((id) => first!.cells.some((c) => c.cellId === id)),
    );
    expect(tasks.map((t) => [t.startFrom, idsOf([t])])).toEqual([
      [{ cellId: thirty!.cellId, epoch: 30 }, [sixty!.cellId]],
      [{ cellId: one!.cellId, epoch: 1 }, [ten!.cellId]],
    ]);
  });

  it('leaves a training alone while one of its snapshots is queued', () => {
    const queued = new Set([plan.trainings[0]!.cells[4]!.cellId]);
    expect(readyTasks(plan, state({ queued }))).toHaveLength(5);
  });

  it('evaluates clean data first and perturbed data when the class means are there', () => {
    const snapshots = plan.trainings.flatMap((t) => t.cells.map((c) => c.cellId));
    const clean = readyTasks(plan, state({ done: new Set(snapshots) }));
    expect(
      clean.every((t) => t.cells.length === 1 && t.cells[0]?.kind === 'evaluate' && t.cells[0].params.attack.kind === 'none'),
    ).toBe(true);
    const rest = readyTasks(plan, state({ done: new Set([...snapshots, ...idsOf(clean)]) }));
    expect([...snapshots, ...idsOf(clean), ...idsOf(rest)].sort()).toEqual(all(plan).sort());
    for (const t of rest) {
      const families = new Set(
        t.cells.map((c) => (c.kind === 'evaluate' ? JSON.stringify([c.params.attack, c.params.split, c.inputs]) : c.kind)),
      );
      expect(families.size).toBe(1);
    }
  });

  it('runs every cell exactly once, inputs first', () => {
    fc.assert(
      fc.property(arbitrarySweep, (sweep) => {
        const p = planSweep(sweep, 'wasm', 100);
        const order = runAll(p);
        expect([...order].sort()).toEqual(all(p).sort());
        const position = new Map(order.map((id, i) => [id, i]));
        for (const { cellId, inputs } of p.cells.values())
          for (const input of inputs) expect(position.get(input)).toBeLessThan(position.get(cellId)!);
      }),
      { numRuns: 30 },
    );
  });

  it('never gives out done, parked, queued or blocked cells, and keeps the ids of tasks that did not change', () => {
    fc.assert(
      fc.property(arbitrarySweep, fc.infiniteStream(fc.constantFrom('done', 'parked', 'queued', 'missing')), (sweep, fates) => {
        const p = planSweep(sweep, 'wasm', 100);
        const fate = new Map(all(p).map((id) => [id, fates.next().value as string]));
        const having = (name: string): Set<string> => new Set(all(p).filter((id) => fate.get(id) === name));
        const s = state({
          done: having('done'),
          queued: having('queued'),
          parked: new Map([...having('parked')].map((id) => [id, 'x'])),
        });
        const tasks = readyTasks(p, s);
        const ids = idsOf(tasks);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) {
          expect(fate.get(id)).toBe('missing');
          expect(p.cells.get(id)?.inputs.every((input) => s.done.has(input))).toBe(true);
          expect(blockedCells(p, s).has(id)).toBe(false);
        }
        expect(readyTasks(p, s, 2)).toEqual(tasks.slice(0, 2));
        const without = readyTasks(p, { ...s, queued: new Set([...s.queued, ...idsOf(tasks.slice(0, 1))]) });
        expect(without.map((t) => t.taskId)).toEqual(tasks.slice(1).map((t) => t.taskId));
      }),
      { numRuns: 50 },
    );
  });

  it('cuts long PGD evaluations, and never those that share a gradient or draw', () => {
    const epsilons = Array.from({ length: 40 }, (_, i) => ({ label: `${i + 1}/255`, value: `${i + 1}/256` }));
    const attacks = exampleSweep.grids[0]!.attacks;
    const p = planSweep({ ...exampleSweep, seeds: [1], grids: [grid('g', { attacks, epsilons })] }, 'wasm', 100);
    const sizes = (kind: string) =>
      p.evaluations.filter((g) => g.cells[0]?.params.attack.kind === kind).map((g) => g.cells.length);
    expect(Math.max(...sizes('pgd'))).toBeLessThan(10);
    expect(sizes('sign-noise')).toEqual([40, 40]);
  });
});

describe('blockedCells', () => {
  const cells = plan.trainings[0]!.cells;
  const parked = new Map([[cells[2]!.cellId, 'nonFiniteLoss: loss became NaN']]);

  it('holds back later snapshots of a training that stopped, and their evaluations', () => {
    const done = new Set(cells.slice(0, 2).map((c) => c.cellId));
    const blocked = blockedCells(plan, { done, parked });
    expect(blocked.get(cells[4]!.cellId)).toBe(cells[2]!.cellId);
    const lost = plan.evaluations.filter((g) => cells.slice(2).includes(g.snapshot)).flatMap((g) => g.cells);
    expect(blocked.size).toBe(2 + lost.length);
    for (const { cellId } of lost) expect(blocked.get(cellId)).toBe(cells[2]!.cellId);
  });

  it('does not hold back what starts from a committed snapshot', () => {
    const done = new Set([cells[3]!.cellId]);
    expect(blockedCells(plan, { done, parked }).has(cells[4]!.cellId)).toBe(false);
  });

  it('stops nothing else', () => {
    const ran = runAll(plan, parked);
    expect(ran.length).toBe(plan.cells.size - 1 - blockedCells(plan, { done: new Set(ran), parked }).size);
    expect(ran).toContain(cells[1]!.cellId);
  });
});
