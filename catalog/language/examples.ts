/** An example of each group of fields for the reference. Together they are one valid sweep (schemas.test.ts). */
export const examples = {
  dataset: `dataset:
  - {name: prototypes, classes: 4, imageSize: 16}
  - {name: cifar10, as: cats-dogs, path: ./cifar-10-batches-bin, onlyClasses: [3, 5], trainPerClass: 500}
  - {name: image-folder, as: flowers, pushed: flowers-2024, imageSize: 64}`,
  architecture: `architecture:
  - {name: convnet, width: 32, depth: 5}
  - {name: convnet, as: narrow, width: 8}
  - {name: preact-resnet18, width: 16}`,
  training: `training:
  - {name: ST, epochs: 100, learningRate: 0.05, schedule: cosine}
  - {name: AT, epochs: 100, attack: {epsilon: 8/255, steps: 7}}
  - {name: TRADES, epochs: 100, loss: trades, beta: 6, batchNorm: eval}
  - {name: theirs, from: weights/robust.safetensors}`,
  trainingAttack: `training:
  - name: AT-L2
    epochs: 100
    attack: {norm: l2, epsilon: 128/255, stepSize: 15/255, steps: 10}`,
  grids: `grids:
  - name: curves
    epoch: [last]
    attack:
      - {name: pgd10, kind: pgd}
      - {name: sign, kind: sign-noise}
    epsilon: [0, 2/255, 4/255..16/255 step 4/255]
    layer: [last, input]
    split: [train, test]
    exclude:
      - {attack: [sign], split: [test]}
  - name: over-training
    epoch: [0..10, snapshots, last]
    layer: [last]
    pooling: [gap]
    only: {training: [ST, AT]}
  - name: paired
    attack:
      - {name: weak, kind: fgsm}
      - {name: strong, kind: pgd, steps: 50}
    epsilon: [2/255, 8/255]
    zip: [[attack, epsilon]]`,
  attack: `attack:
  - {name: pgd50, kind: pgd, steps: 50, stepSize: eps/8, restarts: 3}
  - {name: adaptive, kind: pgd, objective: ncc}
  - {name: targeted, kind: pgd, target: next-class}`,
  execution: `execution:
  parallelism: 8
  backend: native-cpu
  retries: {outOfMemory: 3}
  resources:
    train: {cpu: 4, memory: 8Gi, nvidia.com/gpu: 1}
    evaluate: {cpu: 2, memory: 4Gi}
  tolerations:
    - {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}`,
  report: `report: {claims: [su2023], confidence: 0.99}`,
  spec: `question: Does adversarial training keep the simplex?
seed: [1..3]
snapshots: [0, 1, 2, 4, 8, 16, 32, 64]
deletionPolicy: Retain`,
} as const;
