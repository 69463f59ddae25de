/**
 * What the chart's ValidatingAdmissionPolicy refuses at `kubectl apply`, in the words of `validate` and of the conditions: the form of
 * a podTemplate, and what the install does not allow. The orchestrator judges every Sweep again, so the policy may leave out what CEL
 * cannot express. The chart declares the variables that the expressions use. Pure.
 */
import { reasons } from '../../planning/spec/pod-template-words.ts';
import { dotsOnly, folderName, storeRefusal } from '../stores/store-policy.ts';
import { concatenation, firstMessage, isWrong, literal, parts } from './cel.ts';
import { podPolicyRules } from './pod-policy-rules.ts';
import { podTemplateRules } from './pod-template-rules.ts';
import type { AdmissionRule } from './admission-rule.ts';

interface Validation {
  readonly expression: string;
  readonly messageExpression: string;
  readonly reason: 'Invalid';
}

function validation({ root, steps, fault, message }: AdmissionRule): Validation {
  const expression = `!${isWrong(root, steps, fault)}`;
  return { expression, messageExpression: firstMessage(root, steps, fault, message), reason: 'Invalid' };
}

/** Where results may be kept: `variables.locations` are maps of base and query; below `variables.mine` are the namespace's prefixes. */
const storeRule: Validation = {
  expression: [
    'variables.asked == ""',
    'variables.locations.exists(l, l.base == variables.base && variables.query in ["", l.query])',
    '(variables.base.startsWith(variables.mine + "/") && variables.query in ["", variables.ownQuery] && ' +
      `variables.base.substring(size(variables.mine) + 1).split("/").all(n, n.matches(${literal(folderName.source)}) && ` +
      `!n.matches(${literal(dotsOnly.source)})))`,
  ].join(' || '),
  messageExpression: concatenation(
    parts(storeRefusal, {
      names: [{ cel: 'variables.locations.map(l, l.base).join(" or ")' }],
      found: [{ cel: 'variables.base' }],
    }),
  ),
  reason: 'Invalid',
};

/** Text of the chart's file that holds the policy's validations, and the reasons that they name. */
export function sweepAdmissionFile(): string {
  const validations = [...[...podTemplateRules, ...podPolicyRules].map(validation), storeRule];
  return `${JSON.stringify({ reasons: literal(reasons), validations }, null, 2)}\n`;
}
