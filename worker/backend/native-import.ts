/** `import` of an address that is known at run time only. A file of its own, because a test runner puts its own `import` in the place of Node's. */
export const nativeImport = async (address: string): Promise<Readonly<Record<string, unknown>>> =>
  (await import(address)) as Readonly<Record<string, unknown>>;
