/** Which backends run the plug-ins of a sweep. */
import { backendNames, backendOf, type BackendName } from '../backends.ts';
import type { PluginLanguage } from './languages.ts';
import { languagesOfSweep } from './used-plugins.ts';

type Using = Parameters<typeof languagesOfSweep>[0];

const runs = (backend: BackendName, languages: readonly PluginLanguage[]): boolean =>
  languages.some((language) => backendOf(backend).plugins?.includes(language));

/** Best first; all of them for a sweep without plug-ins. */
export function pluginBackends(sweep: Using): readonly BackendName[] {
  const parts = [...languagesOfSweep(sweep).values()];
  return backendNames.filter((name) => parts.every((languages) => runs(name, languages)));
}

/** Why a backend cannot compute a sweep; undefined if it runs its plug-ins. */
export function pluginsProblem(sweep: Using & { readonly name: string }, backend: BackendName): string | undefined {
  const found = [...languagesOfSweep(sweep)].find(([, languages]) => !runs(backend, languages));
  if (found === undefined) return undefined;
  const [part, languages] = found;
  return `${backend} does not run plug-ins in ${languages.join(' or ')}, and the sweep ${sweep.name} uses ${part}`;
}

/** What to do about it. */
export function pluginsRemedy(sweep: Using): string {
  const able = pluginBackends(sweep);
  if (able.length > 0) return `name ${able.join(' or ')}`;
  const parts = [...languagesOfSweep(sweep)].map(([part, languages]) => `${part} (${languages.join(', ')})`);
  return `no backend runs all of ${parts.join(', ')}: write one of them in the language of the others too, or make two sweeps`;
}
