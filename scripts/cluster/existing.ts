/** Installs this checkout on the cluster of the kubeconfig's current context, for a trial. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { chosenConfig, wordsOf } from '@ncsweep/orchestrator/kube/kube-config';
import { inspectCluster } from '@ncsweep/orchestrator/kube/cluster-inspection';
import { imageFolder } from '../../test/harness/cache-folder.ts';
import { serverProgram } from '../../test/harness/server-process.ts';
import { imageWay, type Image, type ImageWay } from './image-way.ts';
import { exportLines, folderOfPrograms, onPath, pathLine, root, script } from './programs.ts';
import { runProgram, runSteps, type Step } from './steps.ts';
import { trialImages } from './trial-images.ts';

interface Wanted {
  /** How images reach the cluster (image-way.ts). */
  readonly images: string;
  /** More values of the chart: a file. */
  readonly values: string | undefined;
  /** Images of workers of other backends (trial-images.ts). */
  readonly workers: readonly string[];
}

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };

/** A trial's values: NATS and S3 of its own, small workers on the CPU. */
function values({ registry }: ImageWay, names: readonly string[]): Readonly<Record<string, unknown>> {
  const small = { cpu: '200m', memory: '1Gi' };
  // A tag is rebuilt with every change, so nodes must not keep an earlier image of that name.
  const imagePullPolicy = registry === '' ? 'IfNotPresent' : 'Always';
  const states = names.map((name) => readFileSync(path.join(imageFolder, `${name}.state`), 'utf8')).join('\n');
  const images = createHash('sha256').update(states).digest('hex').slice(0, 16);
  return {
    registry,
    orchestrator: { imagePullPolicy, podAnnotations: { images } },
    worker: {
      backend: 'wasm',
      imagePullPolicy,
      scratch: '2Gi',
      resources: { train: small, evaluate: small },
      gpu: { resource: '' },
    },
    report: { imagePullPolicy, resources: small },
    bundled: { imagePullPolicy, nats: { enabled: true }, s3: { enabled: true } },
  };
}

async function bring(way: ImageWay, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const image: Image = { name: `ncsweep/${name}:${version}`, archive: path.join(imageFolder, `${name}.tar`) };
    const command = way.commandFor(image);
    if (command !== undefined) await runProgram(command[0], command.slice(1));
  }
}

/** @param files of values: each overrides those before it */
async function install(helm: string, context: string, files: readonly string[]): Promise<void> {
  const place = ['--namespace', 'ncsweep', '--create-namespace', '--kube-context', context];
  const chart = path.join(root, 'charts/ncsweep');
  try {
    await runProgram(helm, [
      ...['upgrade', '--install', 'ncsweep', chart, ...files.flatMap((file) => ['--values', file]), ...place],
      ...['--wait', '--timeout', '5m'],
    ]);
  } catch (error) {
    const remedy =
      'kubectl -n ncsweep get pods,pvc,events says why. Without a default storage class, set bundled.s3.storage to "" or to a class ' +
      'of yours, in a file of values: make cluster VALUES=FILE …';
    throw new Error(`${wordsOf(error)}. Remedy: ${remedy}`, { cause: error });
  }
}

/** @param folder that outlives this process, for what the user's shell needs @returns lines for that shell */
export async function useExisting({ images, values: file, workers }: Wanted, folder: string): Promise<string> {
  const names = [...trialImages, ...workers];
  const current = { kubeconfig: undefined, context: undefined, namespace: undefined };
  const cluster = inspectCluster(current);
  const context = chosenConfig(current).config.getCurrentContext();
  const way = imageWay(images, context, serverProgram('crane'));
  const helm = onPath('helm') ?? serverProgram('helm');
  const servers = [...(onPath('helm') === undefined ? ['helm'] : []), ...(way.needsCrane ? ['crane'] : [])];
  const steps: Step[] = [
    {
      says: `the cluster of context ${context}, ${cluster.server}`,
      run: async () => void process.stderr.write(`      Kubernetes ${await cluster.version()}\n`),
    },
    {
      says: `images of this checkout, and ${['nats-server, versitygw', ...servers].join(', ')} (three minutes the first time)`,
      run: async () => {
        await runProgram(script('servers/build.sh'), ['nats-server', 'versitygw', ...servers]);
        await runProgram(script('images/build.sh'), names);
      },
    },
    { says: way.says, run: () => bring(way, names) },
    {
      says: 'the chart, in namespace ncsweep, with a small NATS and S3',
      run: () => {
        const own = path.join(folder, 'values.json');
        mkdirSync(folder, { recursive: true });
        writeFileSync(own, JSON.stringify(values(way, names)));
        return install(helm, context, file === undefined ? [own] : [own, file]);
      },
    },
  ];
  await runSteps(steps);
  const kubeconfig = process.env['KUBECONFIG'];
  const lines = kubeconfig === undefined ? [] : exportLines({ KUBECONFIG: path.resolve(kubeconfig) });
  if (onPath('helm') === undefined) lines.push(pathLine(folderOfPrograms(path.join(folder, 'bin'), 'helm')));
  return `${lines.join('\n')}\n`;
}
