/** Tries the parts of a plug-in with the program that runs plug-ins: a line for the archive of each part on standard input, and for each check on standard output. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { backends } from '@ncsweep/catalog/backends';
import { torchPython } from './backend/torch-python.ts';

const python = torchPython();
if (python === undefined) {
  process.stderr.write(
    `plug-ins in Python are tried with PyTorch, which is not set up here. Remedy: run "${backends['torch-cpu'].setUp}"\n`,
  );
  process.exit(78);
}
const child = spawn(python, ['-P', '-m', 'ncsweep_torch.plugin.check'], { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code ?? 1));
