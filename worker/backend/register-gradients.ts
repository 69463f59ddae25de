/**
 * Derivatives of TensorFlow.js's operations, which our own networks do without. The package has them as modules that name each other without
 * ".js", as a bundler reads them.
 */
import { createRequire, registerHooks } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nativeImport } from './native-import.ts';

const { resolve } = createRequire(import.meta.url);
let registered: Promise<void> | undefined;

async function register(): Promise<void> {
  const folder = `${pathToFileURL(dirname(resolve('@tensorflow/tfjs-core'))).href}/`;
  const hooks = registerHooks({
    resolve: (specifier, context, next) => {
      const isInside = context.parentURL?.startsWith(folder) === true && specifier.startsWith('.');
      if (isInside && !specifier.endsWith('.js'))
        return { url: new URL(`${specifier}.js`, context.parentURL).href, shortCircuit: true };
      return next(specifier, context);
    },
    load: (address, context, next) => next(address, address.startsWith(folder) ? { ...context, format: 'module' } : context),
  });
  try {
    await nativeImport(`${folder}register_all_gradients.js`);
  } finally {
    hooks.deregister();
  }
}

/** Makes `tf.grad` and its relatives work. Takes effect once. */
export const registerGradients = (): Promise<void> => (registered ??= register());
