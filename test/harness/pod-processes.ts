/** The processes of a pod on this machine, which is its node. */
import { readdir, readFile } from 'node:fs/promises';

interface PodProcess {
  readonly pid: number;
  /** The child in which kernels run; otherwise the supervisor. */
  readonly isCompute: boolean;
}

/** Process ids of the host, of a worker's pod: its supervisor and compute process. */
export async function processesOf(pod: string): Promise<PodProcess[]> {
  const found: PodProcess[] = [];
  for (const pid of (await readdir('/proc')).filter((each) => /^\d+$/.test(each))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`NCSWEEP_WORKER=${pod}`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.push({ pid: Number(pid), isCompute: /compute\.[jt]s|ncsweep_torch/.test(command) });
  }
  return found;
}
