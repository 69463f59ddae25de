/** The Python of a list of peers, installed when it is not yet there. */
import { execFileSync } from 'node:child_process';

/** @param list of `bench/peers/<list>.txt` @returns path of the interpreter @throws when it cannot be installed */
export function peerPython(list: string): string {
  const script = new URL('setup.sh', import.meta.url).pathname;
  return execFileSync(script, [list], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
