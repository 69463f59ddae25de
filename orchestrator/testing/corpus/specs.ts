/** Good and bad sweep files: the command line and the API server must agree on them (docs/spec.md). */

const base = `apiVersion: ncsweep.dev/v1alpha1
kind: Sweep
metadata: {name: corpus}
spec:
  dataset:
    - {name: prototypes, classes: 5}
  architecture:
    - {name: convnet, width: 8}
  training:
    - {name: ST, epochs: 20}
    - {name: AT, epochs: 20, attack: {epsilon: 8/255}}
  seed: [1..3]
  grids:
    - name: main
      epoch: [0, last]
      attack:
        - {name: pgd10, kind: pgd, steps: 10}
        - {name: sign, kind: sign-noise}
      epsilon: [0, 8/255]
      layer: [all]
      pooling: [flatten, gap]
      split: [train]
`;

/** The base with one text replaced by another. */
function changed(from: string, to: string): string {
  if (!base.includes(from)) throw new Error(`the base sweep has no ${from}`);
  return base.replace(from, to);
}

/** The base with other attacks. */
const withAttacks = (...attacks: string[]): string =>
  changed('{name: pgd10, kind: pgd, steps: 10}\n        - {name: sign, kind: sign-noise}', attacks.join('\n        - '));

/** The base with a grid's `epsilon` line followed by more lines of the grid. */
const inGrid = (...lines: string[]): string =>
  changed('      split: [train]\n', `      split: [train]\n${lines.map((l) => `      ${l}\n`).join('')}`);
const atTop = (...lines: string[]): string => base + lines.map((l) => `  ${l}\n`).join('');

/** The base with an addition to the spec of its pod template. */
const inPod = (text: string): string => atTop('execution:', '  podTemplate:', `    spec: {${text}}`);
const someDigest = '0a'.repeat(32);
/** The base with its data in a volume. */
const inVolume = (volume: string): string =>
  changed('{name: prototypes, classes: 5}', `{name: mnist, digest: ${someDigest}, volume: ${volume}}`);

export const goodSpecs: Readonly<Record<string, string>> = {
  base,
  'windows line ends': base.replaceAll('\n', '\r\n'),
  'byte order mark': `\uFEFF${base}`,
  'ranges of budgets': changed('[0, 8/255]', '[0, 2/255, 4/255..16/255 step 4/255]'),
  'decimal budgets': changed('[0, 8/255]', '[0.0, 0.03, 0.1]').replace('8/255}', '0.03, stepSize: 0.01}'),
  'a decimal budget in quotes': changed('[0, 8/255]', '["0.03"]'),
  'numbers as numbers or text': changed('epochs: 20}', 'epochs: 20, weightDecay: 0.01, momentum: "0.5", learningRate: 1e-2}'),
  trades: changed('{name: ST, epochs: 20}', '{name: TRADES, epochs: 20, loss: trades, beta: 6, batchNorm: eval}'),
  'the mean squared error': changed('{name: ST, epochs: 20}', '{name: MSE, epochs: 20, loss: mse}'),
  'spectral decoupling': changed('{name: ST, epochs: 20}', '{name: SD, epochs: 20, loss: spectral-decoupling, lambda: "0.05"}'),
  'two moons': changed(
    '{name: prototypes, classes: 5}',
    '{name: moons, margin: 0.1, testMargin: -0.5, trainPerClass: 20}',
  ).replace('{name: convnet, width: 8}', '{name: mlp, width: 8}'),
  'a minority that is oversampled': changed(
    '{name: prototypes, classes: 5}',
    '{name: prototypes, classes: 5, minorityClasses: 2, imbalance: 10}',
  ).replace('{name: ST, epochs: 20}', '{name: ST, epochs: 20, oversampling: 10}'),
  'the Gaussian twin of signals': changed(
    '{name: prototypes, classes: 5}',
    '{name: nonlinear-gaussian-process, gain: 3, gaussian: true, trainPerClass: 20}',
  ).replace('{name: convnet, width: 8}', '{name: mlp, width: 8}'),
  'classes within classes': changed('{name: prototypes, classes: 5}', '{name: prototypes, classes: 5, subclasses: 3}'),
  'weights from elsewhere': changed('{name: ST, epochs: 20}', '{name: theirs, from: weights.safetensors}'),
  'a budget above 1 for L2': withAttacks('{name: l2, kind: pgd, norm: l2}').replace('[0, 8/255]', '[256/255]'),
  'noise in each norm': withAttacks(
    '{name: sign, kind: sign-noise}',
    '{name: sphere, kind: sphere-noise}',
    '{name: gaussian, kind: gaussian-noise}',
  ),
  'noise of an L2 budget': withAttacks('{name: sphere, kind: sphere-noise}').replace('[0, 8/255]', '[256/255]'),
  'both random starts of L2': withAttacks(
    '{name: l2, kind: pgd, norm: l2, start: direction}',
    '{name: ball, kind: pgd, norm: l2, start: ball}',
  ),
  'the one random start of Linf': changed('kind: pgd, steps: 10', 'kind: pgd, start: ball'),
  'a training from the ball of L2': changed('{epsilon: 8/255}', '{norm: l2, start: ball}'),
  'narrowed and paired': inGrid(
    'only: {training: [ST], seed: [1..2]}',
    'exclude: [{attack: [sign], epsilon: [8/255]}]',
    'zip: [[attack, epsilon]]',
  ),
  'anchors and aliases': changed('seed: [1..3]', 'seed: &s [1..3]\n  snapshots: *s'),
  'files without path or digest': changed('{name: prototypes, classes: 5}', '{name: cifar10, onlyClasses: [3, 5]}'),
  'files by their name in the store': changed('{name: prototypes, classes: 5}', '{name: cifar10, pushed: cifar-lab}'),
  'files in a volume': inVolume('{claimName: nfs-data, subPath: sets/mnist}'),
  'tolerations and other devices': atTop(
    'execution:',
    '  tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}, {operator: Exists, tolerationSeconds: 60}]',
    '  resources: {train: {nvidia.com/mig-1g.5gb: 1}, evaluate: {nvidia.com/gpu: 0, amd.com/gpu: "1"}}',
  ),
  'a pod template': atTop(
    'execution:',
    '  podTemplate:',
    '    metadata: {labels: {team: lab}, annotations: {cost-centre: "12"}}',
    '    spec:',
    '      affinity: {nodeAffinity: {}}',
    '      serviceAccountName: reader',
    '      securityContext: {runAsUser: 1000, fsGroup: 2000}',
    '      imagePullSecrets: [{name: pull}]',
    '      tolerations: [{key: spot, operator: Exists}]',
    '      volumes: [{name: extra, configMap: {name: extra}}]',
    '      initContainers: [{name: look, image: busybox, command: [ls]}]',
    '      containers:',
    '        - name: worker',
    '          env: [{name: HTTPS_PROXY, value: "http://proxy:3128"}]',
    '          volumeMounts: [{name: extra, mountPath: /extra}]',
    '          resources: {limits: {cpu: "2"}}',
  ),
  'an empty pod template': atTop('execution: {podTemplate: {}}'),
  'a list of claim sets': atTop('report: {claims: [su2023]}'),
  'every execution field': atTop(
    'execution:',
    '  {parallelism: 4, backend: wasm, evaluationBatchSize: 100, retries: {timeout: 2}, attemptDeadlineSeconds: 60,',
    '   checkpointEverySeconds: 5, activeDeadlineSeconds: 600, queueName: gpu, workloadPriorityClassName: high, priorityClassName: low,',
    '   nodeSelector: {a: b},',
    '   resources: {train: {nvidia.com/gpu: "1", memory: 16Gi}, evaluate: {cpu: 500m}}}',
    'report: {claims: none, confidence: 0.9}',
    'question: Why?',
    'snapshots: [5, 10]',
  ),
};

export const badSpecs: Readonly<Record<string, string>> = {
  'claims that nobody makes': atTop('report: {claims: [su2023, su2032]}'),
  'no claims in a list': atTop('report: {claims: []}'),
  empty: '',
  'only a comment': '# nothing\n',
  'a list at the top': '- 1\n',
  text: 'hello',
  'control characters': 'a: \u0001b',
  'a tab as indentation': 'spec:\n\tdataset: 1\n',
  'two documents': `${base}---\n${base}`,
  'a duplicate field': changed('  seed: [1..3]', '  seed: [1]\n  seed: [2]'),
  'an unclosed bracket': changed('seed: [1..3]', 'seed: [1..3'),
  'an unknown anchor': changed('seed: [1..3]', 'seed: *s'),
  'an alias of itself': changed('seed: [1..3]', 'seed: &s [*s]'),
  'an alias bomb': `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d]\n`,
  'deep brackets': `a: ${'['.repeat(20_000)}`,
  'deep dashes': `a:\n  ${'- '.repeat(20_000)}x`,
  'a key that is a list': changed('seed: [1..3]', '? [a, b]\n  : 1\n  seed: [1..3]'),
  'not a number': changed('width: 8', 'width: .nan'),
  infinity: changed('width: 8', 'width: .inf'),
  'a huge integer': changed('seed: [1..3]', 'seed: [9007199254740993]'),
  'an unquoted on': changed('name: sign,', 'name: on,'),
  'a seed that is octal elsewhere': changed('[1..3]', '[010]'),
  'a number that is text elsewhere': changed('width: 8', 'width: 0o10'),
  'a number with an underscore': changed('classes: 5', 'classes: 1_0'),
  'a time that is a number elsewhere': changed('name: sign,', 'name: 10:30,'),
  'a mark that turns text around': atTop('question: "Does it \\u202Eesrever?"'),
  'an invisible label': changed('name: sign,', 'name: "sig\u200Bn",'),
  'another apiVersion': changed('v1alpha1', 'v1'),
  'another kind': changed('kind: Sweep', 'kind: Pod'),
  'no metadata': changed('metadata: {name: corpus}\n', ''),
  'a name with capitals': changed('name: corpus', 'name: Corpus'),
  'no spec': 'apiVersion: ncsweep.dev/v1alpha1\nkind: Sweep\nmetadata: {name: a}\n',
  'an unknown field': atTop('sede: [4]'),
  'a misspelt required field': changed('seed:', 'seeds:'),
  'a misspelt field in a list': changed('width: 8', 'widht: 8'),
  'a field of a later layer': atTop('epsilon: [8/255]'),
  'an axis that is no list': changed('seed: [1..3]', 'seed: 3'),
  'a list that is no list': changed('    - {name: convnet, width: 8}', '    name: convnet'),
  'an empty axis': changed('seed: [1..3]', 'seed: []'),
  'null for an axis': changed('seed: [1..3]', 'seed:'),
  'a negative seed': changed('[1..3]', '[-1]'),
  'a seed that is too large': changed('[1..3]', '[4294967296]'),
  'a seed with a fraction': changed('[1..3]', '[1.5]'),
  'a range that goes down': changed('[1..3]', '[3..1]'),
  'a range without end': changed('[1..3]', '["1.."]'),
  'a range that is too long': changed('[1..3]', '[1..1000000]'),
  'an unknown dataset': changed('name: prototypes', 'name: prototype'),
  cifar: changed('{name: prototypes, classes: 5}', '{name: cifar-10}'),
  'one class': changed('classes: 5', 'classes: 1'),
  'a path for made data': changed('classes: 5', 'path: ./data'),
  'classes of cifar10': changed('{name: prototypes, classes: 5}', '{name: cifar10, classes: 5}'),
  'a label that cifar10 has not': changed('{name: prototypes, classes: 5}', '{name: cifar10, onlyClasses: [1, 10]}'),
  'one label of cifar10': changed('{name: prototypes, classes: 5}', '{name: cifar10, onlyClasses: [1]}'),
  'a digest that is none': changed('{name: prototypes, classes: 5}', '{name: cifar10, digest: abc}'),
  'no images a class': changed('classes: 5', 'testPerClass: 0'),
  'two datasets of one label': changed(
    '- {name: prototypes, classes: 5}',
    '- {name: prototypes}\n    - {name: prototypes, classes: 7}',
  ),
  'an unknown architecture': changed('name: convnet', 'name: resnet18'),
  'a depth that is fixed': changed('{name: convnet, width: 8}', '{name: vgg11-bn, depth: 3}'),
  'a minority of all classes': changed('classes: 5', 'classes: 5, minorityClasses: 5'),
  'an imbalance without a minority': changed('classes: 5', 'classes: 5, imbalance: 10'),
  'oversampling without a minority': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, oversampling: 10}'),
  'points of a plane for the architecture': changed('{name: prototypes, classes: 5}', '{name: moons}'),
  'images too small for the architecture': changed('{name: convnet, width: 8}', '{name: vgg11-bn}').replace(
    'classes: 5',
    'imageSize: 8',
  ),
  'a width of zero': changed('width: 8', 'width: 0'),
  'two trainings of one name': changed('name: AT', 'name: ST'),
  'beta without trades': changed('{name: ST, epochs: 20}', '{name: ST, beta: 6}'),
  'training fields beside from': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, from: w.safetensors}'),
  'a learning rate of zero': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, learningRate: 0}'),
  'a negative weight decay': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, weightDecay: -0.1}'),
  'a momentum of one': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, momentum: 1}'),
  'a training budget of zero': changed('epsilon: 8/255}', 'epsilon: 0}'),
  'a training budget above one': changed('epsilon: 8/255}', 'epsilon: 8}'),
  'an unknown schedule': changed('{name: ST, epochs: 20}', '{name: ST, epochs: 20, schedule: cosin}'),
  'a name that is a boolean': changed('name: ST', 'name: true'),
  'a name with a space': changed('name: ST', 'name: my training'),
  'epochs as text': changed('{name: ST, epochs: 20}', '{name: ST, epochs: twenty}'),
  'a division by zero': changed('8/255]', '8/0]'),
  'a decimal budget with many digits': changed('8/255]', '0.1234567890123]'),
  'a tiny decimal budget': changed('8/255]', '1e-12]'),
  'a budget range that misses its end': changed('8/255]', '4/255..15/255 step 4/255]'),
  'a budget in 255ths': changed('8/255]', '8]'),
  'a negative budget': changed('8/255]', '-8/255]'),
  'a budget range without step': changed('8/255]', '4/255..16/255]'),
  'a budget range that never ends': changed('8/255]', '0..1 step 0]'),
  'a budget range that is too fine': changed('8/255]', '0..1 step 1/999999]'),
  'a budget without attack': changed(
    '      attack:\n        - {name: pgd10, kind: pgd, steps: 10}\n        - {name: sign, kind: sign-noise}\n',
    '',
  ),
  'an unknown attack': changed('kind: pgd', 'kind: pdg'),
  'a ratio of logits with three classes': changed('classes: 5', 'classes: 3').replace('kind: pgd, steps: 10', 'kind: apgd-t'),
  'a step size for Auto-PGD': changed('kind: pgd, steps: 10', 'kind: apgd, stepSize: eps/4'),
  'an attack without a name': changed('{name: pgd10, kind: pgd, steps: 10}', '{kind: pgd}'),
  'steps of fgsm': changed('kind: pgd, steps', 'kind: fgsm, steps'),
  'a target of noise': changed('kind: sign-noise', 'kind: sign-noise, target: next-class'),
  'restarts without random start': changed('steps: 10', 'restarts: 3, randomStart: false'),
  'a start of noise': changed('kind: sign-noise', 'kind: sphere-noise, start: ball'),
  'a start of FGSM': changed('kind: pgd, steps: 10', 'kind: fgsm, start: ball'),
  'a random direction in Linf': changed('kind: pgd, steps: 10', 'kind: pgd, start: direction'),
  'an unknown start': changed('kind: pgd, steps: 10', 'kind: pgd, norm: l2, start: sphere'),
  'a start without random start': changed('kind: pgd, steps: 10', 'kind: pgd, norm: l2, randomStart: false, start: ball'),
  'a training from a random direction in Linf': changed('{epsilon: 8/255}', '{start: direction}'),
  'a training with a start and without random start': changed('{epsilon: 8/255}', '{norm: l2, randomStart: false, start: ball}'),
  'a start of trades': changed('{name: ST, epochs: 20}', '{name: ST, loss: trades, attack: {norm: l2, start: ball}}'),
  'trades without its start': changed('{name: ST, epochs: 20}', '{name: ST, loss: trades, attack: {randomStart: false}}'),
  'a budget above 1 for sign noise beside L2': withAttacks(
    '{name: sphere, kind: sphere-noise}',
    '{name: sign, kind: sign-noise}',
  ).replace('[0, 8/255]', '[256/255]'),
  'a budget above 1 for sign noise': withAttacks('{name: sign, kind: sign-noise}').replace('[0, 8/255]', '[256/255]'),
  'a step that is none': changed('steps: 10', 'stepSize: eps*eps'),
  'a step of zero': changed('steps: 10', 'stepSize: 0'),
  'a step divided by zero': changed('steps: 10', 'stepSize: eps/0'),
  'labels for missing values': changed('name: ST', 'name: NaN').replace('name: convnet', 'name: convnet, as: NA'),
  'an attack that is called as its absence': changed('name: sign,', 'name: none,'),
  'two attacks of one name': changed('name: sign,', 'name: pgd10,'),
  'one name for two attacks': `${base}    - name: more\n      attack: [{name: pgd10, kind: pgd, steps: 20}]\n      epsilon: [8/255]\n`,
  'two grids of one name': `${base}    - {name: main}\n`,
  'an unknown layer': changed('layer: [all]', 'layer: [conv1, covn2]'),
  'an unknown pooling': changed('[flatten, gap]', '[flatten, max]'),
  'an unknown split': changed('split: [train]', 'split: [validation]'),
  'labels that no example has': inGrid('labels: [given, fine]'),
  'labels by target without a target': inGrid('labels: [given, target]'),
  'labels that are a boolean': inGrid('labels: [true]'),
  'an epoch after the last': changed('[0, last]', '[0, 21]'),
  'an unknown epoch': changed('[0, last]', '[first]'),
  'snapshots that are not listed': changed('[0, last]', '[snapshots]'),
  'only an unknown training': inGrid('only: {training: [TS]}'),
  'only an unknown axis': inGrid('only: {trainings: [ST]}'),
  'exclude drops all': inGrid('exclude: [{training: [ST, AT]}]'),
  'only keeps none': inGrid('only: {epoch: [7]}'),
  'only and exclude drop all': inGrid('only: {training: [ST]}', 'exclude: [{training: [ST]}]'),
  'exclude as fields': inGrid('exclude: {training: [ST]}'),
  'zip of unequal axes': inGrid('zip: [[epsilon, split]]'),
  'zip of one axis': inGrid('zip: [[epsilon]]'),
  'zip of an axis twice': inGrid('zip: [[attack, epsilon], [epsilon, epoch]]'),
  'words of the field': changed(
    '{name: ST, epochs: 20}',
    '{name: ST, epochs: 20, lr: 0.1, wd: 5e-4, optimizer: adam, eps: 8/255}',
  ).replace('kind: pgd, steps: 10', 'kind: BIM, iterations: 10, norm: L2, alpha: 2/255'),
  'fields of another place': atTop('parallelism: 4', 'steps: 3')
    .replace('split: [train]', 'split: [val]\n      steps: 10')
    .replace('[flatten, gap]', 'avg'),
  'no workers': atTop('execution: {parallelism: 0}'),
  'an unknown backend': atTop('execution: {backend: cuda}'),
  'an unknown failure class': atTop('execution: {retries: {oom: 3}}'),
  'memory that is no quantity': atTop('execution: {resources: {train: {memory: lots}}}'),
  'a confidence in percent': atTop('report: {confidence: 95}'),
  'too many trials': changed('[1..3]', '[1..9999]').replace('[0, 8/255]', '[0..1 step 1/999]'),
  'a pushed name with a slash': changed('{name: prototypes, classes: 5}', '{name: cifar10, pushed: a/b}'),
  'a pushed name for made data': changed('classes: 5', 'pushed: ours'),
  'a volume without digest': changed('{name: prototypes, classes: 5}', '{name: mnist, volume: {claimName: nfs}}'),
  'a volume for made data': changed('classes: 5', `digest: ${someDigest}, volume: {claimName: nfs}`),
  'a volume without claim': inVolume('{subPath: a}'),
  'a claim with capitals': inVolume('{claimName: NFS}'),
  'a folder outside of the volume': inVolume('{claimName: nfs, subPath: ../other}'),
  'an absolute folder in a volume': inVolume('{claimName: nfs, subPath: /data}'),
  'a toleration of an unknown effect': atTop('execution: {tolerations: [{key: a, effect: NoRun}]}'),
  'tolerations that are no list': atTop('execution: {tolerations: {key: a}}'),
  'a pod template that is text': atTop('execution: {podTemplate: privileged}'),
  'a pod template with a status': atTop('execution: {podTemplate: {status: {}}}'),
  'a pod on the network of its node': inPod('hostNetwork: true'),
  'a pod that sees the processes of its node': inPod('hostPID: true'),
  'a pod with an API token': inPod('automountServiceAccountToken: true'),
  'a pod with a short grace': inPod('terminationGracePeriodSeconds: 1'),
  'a misspelt field of a pod': inPod('tolerations_: []'),
  'a pod that runs as root': inPod('securityContext: {runAsUser: 0}'),
  'a pod without seccomp': inPod('securityContext: {seccompProfile: {type: Unconfined}}'),
  'a privileged container': inPod('containers: [{name: worker, securityContext: {privileged: true}}]'),
  'a container without a name': inPod('containers: [{image: worker:2}]'),
  'containers that are no list': inPod('containers: {name: worker}'),
  'environment of ncsweep': inPod('containers: [{name: worker, env: [{name: NCSWEEP_STORE, value: "s3://theirs"}]}]'),
  'scratch space elsewhere': inPod('containers: [{name: worker, env: [{name: TMPDIR, value: /tmp}]}]'),
  'a mount over the scratch space': inPod('containers: [{name: worker, volumeMounts: [{name: a, mountPath: /scratch/a}]}]'),
  'a worker that is an init container': inPod('initContainers: [{name: worker}]'),
  'a folder of the node': inPod('volumes: [{name: a, hostPath: {path: /}}]'),
  'a port of the node': inPod('containers: [{name: worker, ports: [{containerPort: 80, hostPort: 80}]}]'),
  'a priority of Kubernetes itself': inPod('priorityClassName: system-node-critical'),
  'a priority of Kubernetes itself for all': atTop('execution: {priorityClassName: system-cluster-critical}'),
  'a place in no queue': atTop('execution: {workloadPriorityClassName: high}'),
  'another scratch volume': inPod('volumes: [{name: scratch, emptyDir: {}}]'),
  'an API token in a volume': inPod('volumes: [{name: a, projected: {sources: [{serviceAccountToken: {path: t}}]}}]'),
  'labels of ncsweep': atTop('execution: {podTemplate: {metadata: {labels: {ncsweep.dev/sweep: other}}}}'),
  'a label that is a number': atTop('execution: {podTemplate: {metadata: {labels: {a: 1}}}}'),
  'a budget of L2 that reaches every image': withAttacks('{name: l2, kind: pgd, norm: l2}').replace('[0, 8/255]', '[128]'),
  'a training in a ball of L2 that reaches every image': changed('{epsilon: 8/255}', '{norm: l2, epsilon: 20.5}'),
  'a number by its tag that is none': changed('[1..3]', '[!!int one, !!str 2]'),
  'a tag of somebody else': changed('width: 8', 'width: !reference 8'),
  'choices that do not exist, and all that is wrong besides': changed('pooling: [flatten, gap]', 'pooling: [avgg, gap]')
    .replace('split: [train]', 'split: [holdout]')
    .replace('layer: [all]', 'layer: [conv9]')
    .replace('kind: pgd, steps: 10', 'kind: pgd, norm: l3, restarts: 2, randomStart: false')
    .replace('[0, 8/255]', '[0, 8, 8/0]')
    .replace('epoch: [0, last]', 'epoch: [0, 21, best]')
    .concat('      only: {training: [SAT], attack: [sgn]}\n'),
  'an entry that cannot be read does not hide the others': changed('{name: ST, epochs: 20}', '{epochs: 20, loss: tradez}')
    .replace('{epsilon: 8/255}', '{epsilon: 8}')
    .replace('kind: sign-noise', 'kind: sing-noise, steps: 10')
    .replace('epoch: [0, last]', 'epoch: [0, 500]')
    .concat('      only: {training: [SAT], attack: [sgn]}\n'),
  'values that YAML reads otherwise, and all that is wrong besides': changed('[1..3]', '[010, 1..3]')
    .replace('name: sign,', 'name: on,')
    .replace('[0, 8/255]', '[0, 8]')
    .replace('layer: [all]', 'layer: [conv9]'),
  'what is not meant does not give rise to more': withAttacks('{name: l2, kind: pgd, norm: L2, start: direction}').replace(
    '[0, 8/255]',
    '[256/255]',
  ),
  'a filter by what its grid does not have': inGrid('exclude: [{split: [test]}, {labels: [target]}]'),
  'broken YAML after other problems': changed('width: 8', 'widht: 8')
    .replace('[train]', '[train')
    .replace('epochs: 20}', 'epochs: 0}'),
  'a colon in a text': atTop('question: Is it: true?'),
  'budgets in odd characters': changed('[0, 8/255]', '[8 / 255, 8.0/255, 8÷255, 3%, 8/255 px]'),
  'data by the names of others': changed(
    '- {name: prototypes, classes: 5}',
    '- {name: fashion-mnist}\n    - {name: huggingface}\n    - {name: ImageNet}',
  ),
  'a filter by a number': inGrid('only: {epsilon: [0.0313]}'),
  'two kinds of broken YAML': changed('[1..3]', '@one').replace('[train]', '[train'),
  'many problems at once': changed('width: 8', 'widht: 8')
    .replace('8/255]', '8/0]')
    .replace('kind: sign-noise', 'kind: sing-noise')
    .replace('[train]', 'train'),
};
