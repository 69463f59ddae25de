/** Preloaded into a process (`node --import`): one version of its science is replaced, as NCSWEEP_TEST_SCIENCE says ("train=4"). */
import { registerHooks } from 'node:module';
import process from 'node:process';

const [name = '', version = ''] = (process.env['NCSWEEP_TEST_SCIENCE'] ?? '').split('=');

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/catalog/science-versions.ts')) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    const other = text.replace(new RegExp(`${name}: \\d+`), `${name}: ${version}`);
    if (other === text) throw new Error(`science version ${name} is not in ${url}, or is ${version} already`);
    return { ...loaded, source: other };
  },
});
