import { digestOf } from '../canonical.ts';
import type { Task } from '../messages.ts';

/** A small training task for tests. */
export function exampleTask(name: string): Task {
  return {
    v: 1,
    kind: 'task',
    taskId: digestOf(name),
    sweep: 'local-example',
    class: 'train',
    lineage: {
      dataset: { name: 'prototypes', digest: digestOf('data'), classes: 2, trainPerClass: 4, testPerClass: 2, imageSize: 8 },
      architecture: { name: 'mlp', width: 2, depth: 1 },
      recipe: { kind: 'import', weightsSha256: digestOf('weights') },
      seed: 1,
    },
    cells: [{ kind: 'snapshot', cellId: digestOf([name, 'cell']), epoch: 0 }],
    numerics: { backend: 'wasm', batchSize: 8 },
    deadlineMs: 60_000,
    checkpointEveryMs: 1000,
    sources: {},
  };
}
