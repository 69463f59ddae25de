/** The package.json of a workspace, and what replaces it in the package that is built from it. */
export interface Manifest {
  readonly name: string;
  readonly description?: string;
  readonly license?: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  /** Files that are packed beside the compiled modules. */
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  /** Our packages whose programs are started, not imported. */
  readonly programDependencies?: readonly string[];
}

/** What all packages of a build have in common. */
export interface Build {
  readonly version: string;
  readonly engines: Readonly<Record<string, string>>;
  /** Names of the packages that are built together: they depend on each other at exactly this version. */
  readonly packages: readonly string[];
  /** Undefined if none is known. */
  readonly commit: string | undefined;
}

/** Exports by the names of the sources: `./*.ts` becomes `./dist/*.js` with its types. Other files keep their place. */
function builtExport(target: string): string | Readonly<Record<'types' | 'default', string>> {
  if (!target.endsWith('.ts')) return target;
  const stem = target.replace(/^\.\//, './dist/').replace(/\.ts$/, '');
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

function builtDependencies({ dependencies = {}, programDependencies = [] }: Manifest, { version, packages }: Build): object {
  const all = [...Object.entries(dependencies), ...programDependencies.map((name) => [name, version] as const)];
  const exact = all.map(([name, range]) => [name, packages.includes(name) ? version : range] as const);
  return Object.fromEntries<string>(exact.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Optional dependencies become optional peers: npm would run their install scripts, which download libraries of hundreds of megabytes.
 * Whoever wants them installs them.
 */
function optionalPeers({ optionalDependencies = {} }: Manifest): object {
  const names = Object.keys(optionalDependencies);
  if (names.length === 0) return {};
  return {
    peerDependencies: optionalDependencies,
    peerDependenciesMeta: Object.fromEntries(names.map((name) => [name, { optional: true }])),
  };
}

export function builtManifest(source: Manifest, build: Build): object {
  const { name, description, license, exports = {}, bin, files = [] } = source;
  const { version, engines, commit } = build;
  return {
    name,
    version,
    private: true,
    description,
    license,
    type: 'module',
    engines,
    exports: {
      ...Object.fromEntries(Object.entries(exports).map(([path, target]) => [path, builtExport(target)])),
      './package.json': './package.json',
    },
    bin,
    files: ['dist', ...files],
    dependencies: builtDependencies(source, build),
    ...optionalPeers(source),
    commit,
  };
}
