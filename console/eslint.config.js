import hooks from 'eslint-plugin-react-hooks';
import { defineConfig } from 'eslint/config';
import typescript from 'typescript-eslint';

export default defineConfig(
	{ ignores: ['dist', 'src/api/schema.ts'] },
	{
		files: ['src/**/*.{ts,tsx}'],
		extends: [typescript.configs.strictTypeChecked, hooks.configs.flat['recommended-latest']],
		languageOptions: { parserOptions: { projectService: true } },
		rules: {
			'@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
			'@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
			// A person's words go into the page as text, and nothing in it runs what a person wrote.
			'no-eval': 'error',
			'no-implied-eval': 'off',
			'@typescript-eslint/no-implied-eval': 'error',
			'no-restricted-syntax': ['error', { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Give it as a child: React escapes it.' }],
			// Tokens live in memory. What may be remembered goes through src/session/remembered.ts.
			'no-restricted-globals': ['error', 'localStorage', 'sessionStorage'],
		},
	},
);
