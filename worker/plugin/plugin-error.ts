/** A plug-in that cannot be used. Its cell is parked, because the same code would fail again. */
import { pluginUrl } from './plugin-url.ts';

/** Names the part or plug-in and says what it did. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
}

/** File and line of the plug-in where an error was thrown, for people. */
function placeOf(error: Error): string {
  const [, place] = new RegExp(`${pluginUrl}[^/]+/([^)\\s]+)`).exec(error.stack ?? '') ?? [];
  return place === undefined ? '' : ` (${place})`;
}

/** An error of plug-in code; the original is its cause. */
export function blamedError(what: string, cause: unknown): PluginError {
  if (cause instanceof PluginError) return cause;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}${placeOf(cause)}` : String(cause);
  return new PluginError(`${what}: ${text}`, { cause });
}
