/** What a person can do about pods that do not run. Pure. */
import type { PodProblem } from '../cluster.ts';
import type { TaskClass } from '../jobs/pool-plan.ts';

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly taskClass: TaskClass;
}

/** How kubelets word that something a container refers to does not exist. */
const isMissing = (message: string): boolean => /not found|couldn't find key|references non-existent/i.test(message);

function remedyOf({ reason, message }: PodProblem, { namespace, name, taskClass }: Place): string | undefined {
  switch (reason) {
    case 'Unschedulable':
      return `ask for less in execution.resources.${taskClass}, or for other nodes (execution.nodeSelector, tolerations); \`kubectl describe nodes\` shows what is free`;
    case 'ImagePullFailed':
      return "check the image's name, and imagePullSecrets: worker.image, registry and imagePullSecrets of the chart, or execution.podTemplate";
    case 'CannotStart':
      return isMissing(message)
        ? `create it in namespace ${namespace}; its pods then start by themselves. The chart's values (store, nats) or execution.podTemplate name it`
        : `check image and command in execution.podTemplate; \`kubectl -n ${namespace} describe pods -l ncsweep.dev/sweep=${name}\` says more`;
    case 'OutOfMemory':
      return `the next pods get half as much again; execution.resources.${taskClass}.memory says where they begin`;
    case 'WorkersCrashing':
      return `mend what they say, or execution in the Sweep; \`ncsweep logs ${name} -n ${namespace}\` shows more while their pods are there`;
    case 'QuotaExceeded':
      return `wait, raise the ResourceQuota of namespace ${namespace}, or ask for less: execution.parallelism, execution.resources`;
    case 'WaitingForQuota':
      return undefined;
  }
}

/** Adds to the problem what to do about it. */
export function withRemedy(problem: PodProblem, place: Place): PodProblem {
  const remedy = remedyOf(problem, place);
  const message = problem.message.replace(/[.\s]+$/, '');
  return remedy === undefined ? problem : { ...problem, message: `${message}. Remedy: ${remedy}` };
}
