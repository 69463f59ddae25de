/** How images reach an existing cluster: IMAGES of `make cluster`. Pure. */

export interface Image {
  /** Such as ncsweep/worker:0.1.0. */
  readonly name: string;
  /** `docker save` archive. */
  readonly archive: string;
}

export interface ImageWay {
  /** What it does with them. */
  readonly says: string;
  /** From which the cluster pulls; empty: images are on its nodes. */
  readonly registry: string;
  /** Whether scripts/servers/build.sh must build crane for it. */
  readonly needsCrane: boolean;
  readonly commandFor: (image: Image) => readonly [program: string, ...args: string[]] | undefined;
}

const expected =
  'kind (the cluster of the current context), containerd:SOCKET (of a node on this machine), a registry such as ' +
  'registry.example.org/lab, or there (its nodes have the images)';

/**
 * @param context of the kubeconfig
 * @param crane path of the program that pushes
 * @throws for a text that names none
 */
export function imageWay(text: string, context: string, crane: string): ImageWay {
  const onNodes = { registry: '', needsCrane: false };
  if (text === 'there') return { ...onNodes, says: 'images are on the nodes already', commandFor: () => undefined };
  if (text === 'kind') return { ...onNodes, ...intoKind(context) };
  const socket = /^containerd:(\/.+)$/.exec(text)?.[1];
  if (socket !== undefined) {
    const importing = ['ctr', '-a', socket, '-n', 'k8s.io', 'images', 'import'] as const;
    return { ...onNodes, says: `images go into containerd at ${socket}`, commandFor: ({ archive }) => [...importing, archive] };
  }
  // As docker reads names: the first part of a registry has a dot or a port, or is localhost.
  if (!/^(localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[a-z0-9.-]+:\d+)(:\d+)?(\/[a-z0-9._/-]*[a-z0-9])?$/.test(text))
    throw new Error(`IMAGES: expected ${expected}, found ${JSON.stringify(text)}`);
  return {
    says: `images are pushed to ${text}, with the login of your docker or podman`,
    registry: text,
    needsCrane: true,
    commandFor: ({ name, archive }) => [crane, 'push', archive, `${text}/${name}`],
  };
}

function intoKind(context: string): Pick<ImageWay, 'says' | 'commandFor'> {
  const cluster = /^kind-(.+)$/.exec(context)?.[1];
  if (cluster === undefined)
    throw new Error(`IMAGES=kind: expected a current context such as kind-kind, found ${JSON.stringify(context)}`);
  return {
    says: `images go into kind's cluster ${cluster}`,
    commandFor: ({ archive }) => ['kind', 'load', 'image-archive', archive, '--name', cluster],
  };
}
