/** Where the code of a part is, by language. */
import type { PluginLanguage } from './languages.ts';
import type { PluginPart } from './manifest.ts';

export interface PartCode {
  readonly language: PluginLanguage;
  /** Of the part in the manifest. */
  readonly field: 'python' | 'typescript';
  /** Its path in the folder of the plug-in. */
  readonly file: string;
  readonly function: string;
}

/** Of a part in the manifest. */
export const codeFields = { Python: 'python', TypeScript: 'typescript' } as const satisfies Record<
  PluginLanguage,
  PartCode['field']
>;

/** One for each language of the part. */
export const codesOf = (part: PluginPart): readonly PartCode[] =>
  (Object.keys(codeFields) as PluginLanguage[]).flatMap((language) => {
    const field = codeFields[language];
    const text = field in part ? (part as Readonly<Partial<Record<PartCode['field'], string>>>)[field] : undefined;
    const [file, name] = text?.split(':') ?? [];
    return file === undefined || name === undefined ? [] : [{ language, field, file, function: name }];
  });

export const languagesOf = (part: PluginPart): readonly PluginLanguage[] => codesOf(part).map(({ language }) => language);
