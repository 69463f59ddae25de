/** Sweeps of the shape of the paper's, of any size: a seed is one training with 100 evaluations. */

/** Evaluations of a seed: 7 attacks × 7 budgets × 2 splits, and 2 clean ones. */
export const evaluationsPerSeed = 100;
/** Rows of an evaluation at all layers and poolings of the network. */
export const rowsPerEvaluation = 11;

/** @param looks `one`: each evaluation is one row; `all`: it is a row for each layer and pooling @returns the sweep file's text */
export const noOpSweep = (seeds: number, looks: 'one' | 'all'): string => `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: no-op}
spec:
  dataset: [{name: prototypes, classes: 5, trainPerClass: 100, testPerClass: 40, imageSize: 16}]
  architecture: [{name: convnet, width: 16, depth: 4}]
  training: [{name: ST, epochs: 80, batchSize: 50}]
  seed: [1..${seeds}]
  grids:
    - name: robustness
      epoch: [last]
      attack:
        - {name: fgsm, kind: fgsm}
        - {name: pgd10, kind: pgd, norm: linf, steps: 10, stepSize: eps/4, randomStart: true}
        - {name: pgd20, kind: pgd, norm: linf, steps: 20, stepSize: eps/8, randomStart: true}
        - {name: pgd10-l2, kind: pgd, norm: l2, steps: 10, stepSize: eps/4, randomStart: true}
        - {name: ncc-pgd10, kind: pgd, objective: ncc, norm: linf, steps: 10, stepSize: eps/4, randomStart: true}
        - {name: sign, kind: sign-noise}
        - {name: gaussian, kind: gaussian-noise}
      epsilon: [0, 1/255, 2/255, 4/255, 6/255, 8/255, 12/255, 16/255]
      layer: [${looks === 'one' ? 'last' : 'all'}]
      pooling: [flatten${looks === 'one' ? '' : ', gap'}]
      split: [train, test]
  execution: {parallelism: 2}
  report: {claims: none}
`;
