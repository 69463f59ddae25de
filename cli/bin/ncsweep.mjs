#!/usr/bin/env node
// Runs on whatever Node is on the path, however old: hands over to the Node pinned in package.json when this one cannot run TypeScript.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
/** TypeScript in a checkout, JavaScript in an installed package. */
const main = require.resolve('@ncsweep/cli/main');
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 19)) {
  const { enableCompileCache } = await import('node:module');
  // Worker processes inherit it: to strip and compile modules costs each of them more than to run them.
  process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), 'node-compile-cache');
  enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import(pathToFileURL(main).href);
} else {
  const pinned = pinnedNode();
  if (!pinned) {
    console.error(
      `ncsweep needs Node 22.19 or newer; this is ${process.versions.node}. Remedy: run "make setup", or install a newer Node.`,
    );
    process.exit(1);
  }
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal signals the whole group, so the child gets SIGINT itself; waiting for it is all there is to do.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function pinnedNode() {
  const root = join(dirname(require.resolve('yargs/package.json')), '..', '.bin', 'node');
  return existsSync(root) ? root : undefined;
}
