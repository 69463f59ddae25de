/** Languages in which plug-ins are written. */
import { z } from 'zod';

export const pluginLanguages = ['Python', 'TypeScript'] as const;
export const pluginLanguage = z.enum(pluginLanguages);
export type PluginLanguage = z.infer<typeof pluginLanguage>;

/** Of a part, as ids hold them. Absent: Python alone, as before there was a second language. */
export const idLanguages = z.array(pluginLanguage).min(1).optional();
export type IdLanguages = z.infer<typeof idLanguages>;

/** Of a part that ids name. */
export const languagesInId = (languages: IdLanguages): readonly PluginLanguage[] => languages ?? ['Python'];

/** What ids hold of the languages of a part. */
export const asIdLanguages = (languages: readonly PluginLanguage[]): { readonly languages?: PluginLanguage[] } =>
  languages.every((language) => language === 'Python') ? {} : { languages: languages.toSorted() };
