// Public keys of an application that proves itself by a signed assertion (private_key_jwt) instead of a secret.
import { SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';

import type { Draft } from '../../parts/draft';
import { serviceProblem } from './addresses';
import { memberWords, type Application } from './words';

type Way = 'none' | 'jwks_url' | 'jwks';

function keySetOf(text: string): { keys: Record<string, never> } | string {
	try {
		const value: unknown = JSON.parse(text);
		if (typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)) return { keys: value as Record<string, never> };
		return 'A key set is written {"keys": […]} (RFC 7517).';
	} catch (error) {
		return `This is no JSON: ${error instanceof Error ? error.message : String(error)}`;
	}
}

export function KeysField({ draft }: { draft: Draft<Application> }) {
	const { jwks, jwks_url } = draft.value;
	const [way, setWay] = useState<Way>(jwks !== null ? 'jwks' : jwks_url !== null ? 'jwks_url' : 'none');
	const shown = jwks === null ? '' : JSON.stringify(jwks, null, 2);
	const [typed, setTyped] = useState(shown);
	const [known, setKnown] = useState(shown);
	const [wrong, setWrong] = useState<string | null>(null);
	// Discarded, or saved by somebody else: what stands there is not what was typed any more.
	if (known !== shown) {
		setKnown(shown);
		setWrong(null);
		setTyped(shown);
		setWay(jwks !== null ? 'jwks' : way === 'jwks' ? 'none' : way);
	}

	function choose(next: Way) {
		setWay(next);
		setWrong(null);
		if (next !== 'jwks' && jwks !== null) draft.set('jwks', null);
		if (next !== 'jwks_url' && jwks_url !== null) draft.set('jwks_url', null);
	}

	function type(text: string) {
		setTyped(text);
		const keys = text.trim() === '' ? null : keySetOf(text);
		if (typeof keys === 'string') {
			setWrong(keys);
			return;
		}
		setWrong(null);
		const value = keys === null ? null : keys.keys;
		setKnown(value === null ? '' : JSON.stringify(value, null, 2));
		draft.set('jwks', value);
	}

	const address = draft.text('jwks_url', null);
	return (
		<Stack gap="xs">
			<div>
				<Text size="sm" fw={600} id="keys-label">
					Client authentication by a signed assertion (private_key_jwt)
				</Text>
				<Text size="xs" c="dimmed">
					Instead of a Client Secret the application signs with a private key of its own; here stand the public ones.
				</Text>
			</div>
			<SegmentedControl
				aria-labelledby="keys-label"
				value={way}
				onChange={(value) => choose(value)}
				data={[
					{ value: 'none', label: 'None' },
					{ value: 'jwks_url', label: 'By address' },
					{ value: 'jwks', label: 'Key set' },
				]}
				data-testid="keys-way"
			/>
			{way === 'jwks_url' && (
				<TextInput
					label={memberWords.jwks_url}
					description="The server fetches the keys there, and again when an unknown one is named."
					placeholder="https://www.example.com/jwks.json"
					spellCheck={false}
					{...address}
					error={address.error ?? (address.value === '' ? undefined : (serviceProblem(address.value) ?? undefined))}
				/>
			)}
			{way === 'jwks' && (
				<Textarea
					label={memberWords.jwks}
					description="A JWK set with public keys alone (RFC 7517)."
					autosize
					minRows={5}
					maxRows={20}
					spellCheck={false}
					value={typed}
					onChange={(event) => type(event.currentTarget.value)}
					error={wrong ?? draft.error('/jwks')}
					styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
					data-testid="field-jwks"
				/>
			)}
		</Stack>
	);
}
