import { Text } from '@mantine/core';

import { ListField } from '../../parts/ListField';
import { redirectHint, redirectProblem } from './addresses';
import type { Application } from './words';

interface RedirectFieldProps {
	platform: Application['platform'];
	id: string;
	testId: string;
	value: readonly string[];
	onChange: (value: readonly string[]) => void;
	error: string | undefined;
	errors: readonly (string | undefined)[];
}

/** Redirect addresses, judged while they are typed. */
export function RedirectField({ platform, value, ...rest }: RedirectFieldProps) {
	const hints = [...new Set(value.map(redirectHint).filter((hint) => hint !== null))];
	return (
		<div>
			<ListField
				label="Redirect URL(s)"
				description="The URL(s) where users will be redirected after granting or denying permission. A request must name one of them exactly, to the last character. The authorization server appends the authorization_code to it as a query parameter."
				one="redirect URL"
				placeholder={platform === 'spa' ? 'https://app.example.com/callback' : 'https://www.example.com/callback'}
				value={value}
				check={(line) => redirectProblem(platform, line.trim())}
				atLeastOne
				{...rest}
			/>
			{hints.map((hint) => (
				<Text size="xs" c="dimmed" key={hint} mt={4}>
					{hint}
				</Text>
			))}
		</div>
	);
}
