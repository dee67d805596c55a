import { NativeSelect, SimpleGrid, TextInput } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { Block } from '../../parts/Block';
import type { Draft } from '../../parts/draft';
import { nameProblem } from '../../parts/words';

export type NewOne = Schemas['NewIdentityProvider'];

export const about = 'Services whose signed tokens are exchanged for tokens of this partition (token exchange, RFC 8693).';
export const words = { registration_id: 'Registration ID', issuer: 'Issuer', audience: 'Audience', jwks_url: 'Address of its keys', claim: 'Claim', matches: 'Matches' } as const;
export const matches: Readonly<Record<NewOne['matches'], string>> = { username: "the user's username", email: "the person's e-mail", id: "the person's id" };

export function Fields({ draft, isNew }: { draft: Draft<NewOne>; isNew: boolean }) {
	const plain = { required: true, autoComplete: 'off', spellCheck: false } as const;
	return (
		<Block title="Identity provider">
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				{isNew ? (
					<TextInput label={words.registration_id} description="What a request calls it (registration_id). It never changes." placeholder="okta" {...plain} {...draft.text('registration_id')} />
				) : (
					<TextInput label={words.registration_id} description="What a request calls it (registration_id)." value={draft.value.registration_id} readOnly data-testid="field-registration_id" />
				)}
				<TextInput label={words.issuer} description="Exactly as its tokens have it in iss." placeholder="https://login.example.com/" {...plain} {...draft.text('issuer')} />
				<TextInput label={words.audience} description="What its tokens have in aud when they are meant for this server." {...plain} {...draft.text('audience')} />
				<TextInput label={words.jwks_url} description="Where its public keys are (jwks_uri): https, or http on this machine." placeholder="https://login.example.com/keys" {...plain} {...draft.text('jwks_url')} />
				<TextInput label={words.claim} description="Which claim of its tokens names the person." placeholder="email" {...plain} {...draft.text('claim')} />
				<NativeSelect
					label={words.matches}
					description="What that claim is here. Exactly one person has to match."
					data={Object.entries(matches).map(([value, label]) => ({ value, label }))}
					value={draft.value.matches}
					onChange={(event) => draft.set('matches', event.currentTarget.value as NewOne['matches'])}
					error={draft.error('/matches')}
					data-testid="field-matches"
				/>
			</SimpleGrid>
		</Block>
	);
}

export function missing(value: NewOne): Readonly<Record<string, string | undefined>> {
	const empty = (['registration_id', 'issuer', 'audience', 'jwks_url', 'claim'] as const).filter((key) => value[key].trim() === '');
	return {
		'/registration_id': nameProblem(value.registration_id.trim(), ''),
		...Object.fromEntries(empty.map((key) => [`/${key}`, `${words[key]}: something has to stand here.`])),
	};
}
