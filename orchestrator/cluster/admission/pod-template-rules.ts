/** The form of a podTemplate, as rules of an admission policy; planning/spec/check-pod-template.ts judges the same. Pure. */
import * as form from '../../planning/spec/pod-template-words.ts';
import { containerLists } from '../jobs/pod-policy.ts';
import type { AdmissionRule } from './admission-rule.ts';
import { concatenation, each, type Fault, literal, type Part, parts, type Step } from './cel.ts';

type Words = readonly [expected: string, remedy: string];

/** Where the steps of a rule begin, and the path of that place. */
interface Root {
  readonly root: string;
  readonly at: string;
}
const execution: Root = { root: 'variables.execution', at: 'spec.execution' };
const template: Root = { root: 'variables.template', at: 'spec.execution.podTemplate' };
const pod: Root = { root: 'variables.pod', at: 'spec.execution.podTemplate.spec' };

const problem = (path: readonly Part[], expected: Part, remedy: Part): string =>
  concatenation(parts('{path}: expected {expected}. Remedy: {remedy}', { path, expected: [expected], remedy: [remedy] }));

const wrong = ({ root, at }: Root, steps: readonly Step[], fault: Fault, [expected, remedy]: Words): AdmissionRule => ({
  root,
  steps,
  fault,
  message: (path) => problem([at, ...path], expected, remedy),
});

/** A key of the object that is wrong. @param isKeyWrong about `k`, and the object */
const wrongKey = (
  { root, at }: Root,
  steps: readonly Step[],
  isKeyWrong: Fault,
  [expected, remedy]: readonly [expected: Part, remedy: Part],
): AdmissionRule => ({
  root,
  steps,
  fault: (value) => `${value}.exists(k, ${isKeyWrong(value)})`,
  message: (path, value) => {
    const said = problem([at, ...path, '.', { cel: 'k' }], expected, remedy);
    return `${value}.filter(k, ${isKeyWrong(value)}).map(k, ${said})[0]`;
  },
});

/** Only these fields may be written at the place. */
const onlyFields = (root: Root, steps: readonly Step[], known: readonly string[]): AdmissionRule =>
  wrongKey(root, steps, () => `!(k in ${literal(known)})`, [
    { cel: `k in variables.reasons ? variables.reasons[k] : ${literal(form.knownField)}` },
    { cel: `k in variables.reasons ? "remove " + k : ${literal(`choose one of ${known.join(', ')}`)}` },
  ]);

const inContainers = (...steps: Step[]): Step[][] => containerLists.map((list) => [list, each, ...steps]);
const matching =
  (pattern: RegExp): Fault =>
  (value) =>
    `type(${value}) == string && ${value}.matches(${literal(pattern.source)})`;
const isNoList: Fault = (value) => `type(${value}) != list`;
const lacksName: Fault = (value) => `!has(${value}.name) || type(${value}.name) != string || ${value}.name == ""`;

const namedLists = [...containerLists, 'volumes', 'imagePullSecrets', 'resourceClaims'];

/** Labels and annotations are texts, under keys that are free. */
const labelRules = (part: Step): AdmissionRule[] => [
  wrongKey(template, ['metadata', part], (value) => `type(${value}[k]) != string`, form.words.text),
  wrongKey(template, ['metadata', part], () => `k.matches(${literal(form.ownLabels.source)})`, [
    form.ownLabelExpected,
    { cel: '"remove " + k' },
  ]),
];

export const podTemplateRules: readonly AdmissionRule[] = [
  onlyFields(template, [], form.templateFields),
  onlyFields(template, ['metadata'], form.metadataFields),
  onlyFields(pod, [], form.podFields),
  ...[...namedLists, 'tolerations', 'topologySpreadConstraints'].map((list) => wrong(pod, [list], isNoList, form.words.list)),
  ...namedLists.map((list): AdmissionRule => {
    const [expected, remedy] = form.words.name;
    return {
      root: pod.root,
      steps: [list, each],
      fault: lacksName,
      message: (path) => problem([pod.at, ...path, '.name'], expected, remedy),
    };
  }),
  ...inContainers().map((steps) => onlyFields(pod, steps, form.containerFields)),
  onlyFields(pod, ['volumes', each], form.volumeFields),
  onlyFields(pod, ['securityContext'], form.identityFields),
  ...inContainers('ports', each).map((steps) => onlyFields(pod, steps, form.portFields)),
  wrong(pod, ['initContainers', each, 'name'], (value) => `${value} == "worker"`, form.words.initWorker),
  ...inContainers('env', each, 'name').map((steps) => wrong(pod, steps, matching(form.ownVariables), form.words.ownVariable)),
  ...inContainers('volumeMounts', each, 'mountPath').map((steps) =>
    wrong(pod, steps, matching(form.ownMounts), form.words.ownMount),
  ),
  wrong(pod, ['volumes', each, 'name'], matching(form.ownVolumes), form.words.ownVolume),
  wrong(pod, ['volumes', each, 'projected', 'sources', each, 'serviceAccountToken'], () => 'true', form.words.token),
  wrong(pod, ['securityContext', 'runAsUser'], (value) => `${value} == 0`, form.words.root),
  wrong(pod, ['priorityClassName'], matching(form.systemPriorities), form.words.systemPriority),
  wrong(execution, ['priorityClassName'], matching(form.systemPriorities), form.words.systemPriority),
  ...form.metadataFields.flatMap(labelRules),
];
