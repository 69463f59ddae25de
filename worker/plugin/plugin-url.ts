/** Modules of plug-ins have addresses of their own: ncsweep-plugin://<name>-<beginning of the code's digest>/<file>. */
export const pluginUrl = 'ncsweep-plugin://';
