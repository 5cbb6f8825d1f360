import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'data', 'demo-data', 'eslint.config.js', 'bin'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/max-params': ['error', { max: 3 }],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 50, skipComments: true, skipBlankLines: true }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  { files: ['src/cli/**', 'scripts/**', 'bench/**'], rules: { 'no-console': 'off' } },
  {
    // What browsers run as it stands; no compiler reads it.
    ...tseslint.configs.disableTypeChecked,
    files: ['src/http/console/static/**'],
  },
  {
    // node:test returns promises from test() and describe() that its runner already awaits.
    files: ['test/**', 'bench/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off', 'max-lines-per-function': 'off' },
  },
  {
    // A table with a row for every key or route is one table.
    files: [
      ...['test/config/load.test.ts', 'test/http/api.test.ts', 'test/http/world.ts'],
      ...['test/access/requests.test.ts', 'test/approvals/approvals.test.ts'],
    ],
    rules: { 'max-lines': ['error', { max: 500 }] },
  },
  {
    // What a browser loads is a module without imports: its one function closes over one page's state.
    files: ['src/http/console/static/*.js'],
    rules: { 'max-lines-per-function': 'off' },
  },
)
