import appsync from '@aws-appsync/eslint-plugin';
import tseslint from 'typescript-eslint';

const typed = {
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  'no-restricted-exports': [
    'error',
    { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } },
  ],
};

const onlyLambdas = 'Only *.lambda.ts reads the environment or builds a client; pass it in.';
const client = { selector: 'NewExpression[callee.name=/Client$/]', message: onlyLambdas };
const documents = { selector: 'CallExpression[callee.name="createDocuments"]', message: onlyLambdas };

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdk.out', '.lockstep', 'coverage'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: typed,
  },
  {
    // A test may damage what it is given.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-assertions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
  {
    files: ['functions/**/*.ts', 'shared/**/*.ts'],
    ignores: ['**/*.lambda.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: onlyLambdas }],
      'no-restricted-imports': [
        'error',
        { paths: ['process', 'node:process'].map((name) => ({ name, message: onlyLambdas })) },
      ],
      'no-restricted-syntax': ['error', client, documents],
    },
  },
  {
    // Here the client of a function is made, and given the credentials that Lambda keeps in the environment.
    files: ['shared/store/documents.ts'],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-syntax': 'off' },
  },
  {
    files: ['functions/graphql/*.ts'],
    ...appsync.configs.recommended,
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    // Their tools want a default export.
    files: ['*.config.ts', 'console/*.config.ts'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
