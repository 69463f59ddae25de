/** Only the commands that need large libraries load them, so that help and completion stay fast. */
import { execFile } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
const spy = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { process.stderr.write('loads ' + url + '\\n'); return next(url, context); } });`;

const large = ['@kubernetes/client-node', '@aws-sdk/', '@nats-io/', '@tensorflow/'];

/** Addresses of all modules that a command line loads. */
async function addresses(...args: string[]): Promise<string[]> {
  const hook = `data:text/javascript,${encodeURIComponent(spy)}`;
  const env = { ...process.env, KUBECONFIG: '/nowhere' };
  const run = promisify(execFile)(process.execPath, ['--import', hook, main, ...args], { env, maxBuffer: 1 << 24 });
  const { stderr } = await run.catch((error: unknown) => error as { stderr: string });
  const urls = stderr.split('\n').filter((line) => line.startsWith('loads '));
  expect(urls.some((url) => url.endsWith('/cli/main.ts'))).toBe(true);
  return urls;
}

/** Which of the large libraries are among them. */
async function loads(...args: string[]): Promise<string[]> {
  const urls = await addresses(...args);
  return large.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}`)));
}

describe('the command line', () => {
  it.each([[['--help']], [['pull', '--help']], [['completion']]])('loads no large library for %j', async (args) => {
    expect(await loads(...args)).toEqual([]);
  });

  it('loads no command, and no schema, for help', async () => {
    const urls = await addresses('--help');
    expect(urls.filter((url) => /\/cli\/(run|plan|store|cluster\/\w+)\.ts$|\/node_modules\/(zod|yaml)\//.test(url))).toEqual([]);
  });

  it.each([
    ['a name', ['wa'], []],
    ['an option', ['validate', 'x.yaml', '--'], ['validate.ts']],
  ])('loads no other command to complete %s', async (_, words, expected) => {
    const urls = await addresses('--get-yargs-completions', 'ncsweep', ...words);
    const commands = ['validate.ts', 'plan.ts', 'run.ts', 'pull.ts', 'diff.ts', 'show.ts', 'store.ts', 'doctor/doctor.ts'];
    expect(commands.filter((name) => urls.some((url) => url.endsWith(`/cli/${name}`)))).toEqual(expected);
  });

  it('loads the Kubernetes client for a command against a cluster', async () => {
    expect(await loads('list')).toEqual(['@kubernetes/client-node']);
  });
});
