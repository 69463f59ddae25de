/** The Python with PyTorch that `make torch` sets up, of which ncsweep's own PyTorch program is a part. */
import { execFileSync } from 'node:child_process';

/** Sets it up when it is not yet there. @returns path of the interpreter @throws when it cannot be installed */
export function torchPython(): string {
  execFileSync(new URL('../../scripts/torch/setup.sh', import.meta.url).pathname, { stdio: ['ignore', 'ignore', 'inherit'] });
  return new URL('../../node_modules/.torch/bin/python', import.meta.url).pathname;
}
