/** Code without what cannot change its meaning, in either language. */
import { pythonCode } from './python-code.ts';
import { typescriptCode } from './typescript-code.ts';

/** @param file its path, whose ending says the language */
export type CodeOf = (text: string, file: string) => string;

export const isTypeScript = (file: string): boolean => file.endsWith('.ts');

export const plainCode: CodeOf = (text, file) => (isTypeScript(file) ? typescriptCode(text) : pythonCode(text));
