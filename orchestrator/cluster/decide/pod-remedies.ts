/** What a person can do about pods that do not run. Pure. */
import { backendName, backendOf } from '@ncsweep/catalog/backends';
import type { PodProblem } from '../cluster.ts';
import type { TaskClass } from '../jobs/pool-plan.ts';

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly taskClass: TaskClass;
}

/** How kubelets word that something a container refers to does not exist. */
const isMissing = (message: string): boolean => /not found|couldn't find key|references non-existent/i.test(message);

/** How a worker says that it cannot compute on its backend. */
const backendMissing = /backend (\S+)(?: is not (?:built|set up) here|: TensorFlow found no GPU)/;
/** How stores say that they do not know the credentials. */
const isRefusedByStore = (message: string): boolean =>
  /AccessDenied|access is denied|access key|SignatureDoesNotMatch|credentials/i.test(message);

/** For crashes that the command line words for one machine, or that services word for programmers. */
function crashRemedy(message: string, namespace: string): string | undefined {
  const backend = backendName.safeParse(backendMissing.exec(message)?.[1]).data;
  if (backend !== undefined) {
    const { image, device } = backendOf(backend);
    const node = device === 'gpu' ? ' on nodes that offer a GPU' : '';
    return `leave out execution.backend, so that the install's own backend is used, or run the image ${image} (worker.images of the chart)${node}`;
  }
  if (!isRefusedByStore(message)) return undefined;
  return `the Secret with the store's credentials in namespace ${namespace} (store.secretName of the chart) must hold keys that may read, write, list and delete there`;
}

function remedyOf({ reason, message }: PodProblem, { namespace, name, taskClass }: Place): string | undefined {
  switch (reason) {
    case 'Unschedulable':
      return `request less in execution.resources.${taskClass}, or other nodes (execution.nodeSelector, tolerations); \`kubectl describe nodes\` shows what is free`;
    case 'ImagePullFailed':
      return "check the image's name, and imagePullSecrets: worker.image, registry and imagePullSecrets of the chart, or execution.podTemplate";
    case 'CannotStart':
      return isMissing(message)
        ? `create it in namespace ${namespace}, and the pods start by themselves. It is named in the chart's values (store, nats) or in execution.podTemplate`
        : `check image and command in execution.podTemplate; \`kubectl -n ${namespace} describe pods -l ncsweep.dev/sweep=${name}\` shows more`;
    case 'OutOfMemory':
      return `the next pods get half as much again; execution.resources.${taskClass}.memory sets the first amount`;
    case 'WorkersCrashing':
      return (
        crashRemedy(message, namespace) ??
        `mend what they report, or execution in the Sweep; \`ncsweep logs ${name} -n ${namespace}\` shows more while their pods exist`
      );
    case 'QuotaExceeded':
      return `wait, raise the ResourceQuota of namespace ${namespace}, or request less: execution.parallelism, execution.resources`;
    case 'WaitingForQuota':
      return undefined;
  }
}

/** Adds to the problem what to do about it, in place of what helps on a machine of one's own. */
export function withRemedy(problem: PodProblem, place: Place): PodProblem {
  const remedy = remedyOf(problem, place);
  const message = problem.message.replace(/\s*Remedy: .*$/s, '').replace(/[.\s]+$/, '');
  return remedy === undefined ? problem : { ...problem, message: `${message}. Remedy: ${remedy}` };
}
