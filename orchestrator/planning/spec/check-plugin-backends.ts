/** Whether a backend can run all parts of plug-ins that a sweep names. */
import { isChosen, type LocalBackendChoice } from '@ncsweep/catalog/backends';
import { pluginBackends, pluginsRemedy } from '@ncsweep/catalog/plugins/plugin-backends';
import { languagesOfSweep } from '@ncsweep/catalog/plugins/used-plugins';
import type { Reporter } from './reporter.ts';

/** @param backend as the sweep writes it @param report at the spec */
export function checkPluginBackends(
  sweep: Parameters<typeof pluginBackends>[0],
  backend: LocalBackendChoice,
  report: Reporter,
): void {
  if (pluginBackends(sweep).some((able) => isChosen(backend, able))) return;
  const parts = [...languagesOfSweep(sweep)].map(([part, languages]) => `${part} in ${languages.join(' or ')}`);
  const expected = `a backend that runs ${parts.join(' and ')}`;
  report.at('execution', 'backend').refuse(backend, expected, pluginsRemedy(sweep));
}
