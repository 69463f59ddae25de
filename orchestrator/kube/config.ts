/** What kubectl reads of the environment. The command line needs it without the orchestrator's own settings. */

/** The environment variables that kubectl reads. */
export type KubeEnvironment = Readonly<Partial<Record<'KUBECONFIG' | 'HOME' | 'KUBERNETES_SERVICE_HOST', string>>>;

export const kubeEnvironment = (environment: KubeEnvironment = process.env): KubeEnvironment => environment;
