import tseslint from 'typescript-eslint';

/** Only config.ts files read the environment; pure folders read no clock and no global randomness. */
const pure = [
  'protocol/**',
  'catalog/**',
  'collapse/**',
  'orchestrator/planning/**',
  'orchestrator/engine/state/**',
  'orchestrator/cluster/decide/**',
  'orchestrator/cluster/jobs/**',
  'report/aggregate/**',
  'worker/attack/**',
  'worker/model/**',
];

/** How code is written here, where no formatter or type says it (CONTRIBUTING). */
const style = [
  {
    selector: 'ObjectExpression > SpreadElement > ObjectExpression',
    message: 'Write the properties themselves, one a line if they do not fit.',
  },
  {
    selector: ':matches(PropertyDefinition, MethodDefinition[kind!="constructor"])[accessibility="private"]',
    message: 'Write #name: it is private at run time too.',
  },
];

const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'Only config.ts reads the environment.',
};

export default tseslint.config(
  { ignores: ['**/node_modules/**', 'out/**', '.cache/**', 'docs/**', '**/*.mjs', '**/*.cjs', 'eslint.config.js'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      complexity: ['error', 14],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': ['error', ...style, environment],
      'no-warning-comments': ['error', { terms: ['prettier-ignore'], location: 'anywhere' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: pure.map((p) => `${p}/*.ts`),
    ignores: ['**/*.test.ts', '**/testing/**', 'protocol/store/**', 'protocol/stream/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Inject seeded randomness.' },
        { object: 'Date', property: 'now', message: 'Inject the clock.' },
      ],
    },
  },
  {
    // tfjs infers ranks from the assertion itself, so the rule sees assertions that narrow as ones that do nothing.
    files: ['worker/**'],
    rules: { '@typescript-eslint/no-unnecessary-type-assertion': 'off' },
  },
  {
    // client-node declares the API's plain objects as classes; nobody makes instances of them.
    files: ['orchestrator/kube/**'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // TensorFlow's own settings are environment variables that must be set before it loads.
    files: ['worker/backend/backend.ts'],
    rules: { 'no-restricted-syntax': ['error', ...style] },
  },
  {
    files: ['**/*.test.ts', '**/testing/**', 'test/**', 'scripts/**', 'bench/**', '**/config.ts', 'vitest.config.ts'],
    rules: { 'no-restricted-syntax': ['error', ...style], 'max-lines': 'off' },
  },
);
