// The standard claims of OpenID Connect Core, section 5.1: what client applications are told of a person.
import { Checkbox, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';

import type { ReactNode } from 'react';

import type { Schemas } from '../../api/client';
import type { Draft } from '../../parts/draft';
import type { Person } from './kind';

export type PersonDraft = Draft<Person>;

type Claims = NonNullable<Schemas['Claims']>;
type TextClaim = { [K in keyof Claims]-?: NonNullable<Claims[K]> extends string ? K : never }[keyof Claims];
type FlagClaim = { [K in keyof Claims]-?: NonNullable<Claims[K]> extends boolean ? K : never }[keyof Claims];
type AddressMember = keyof NonNullable<Claims['address']>;

interface Field<K> {
	readonly key: K;
	readonly label: string;
	readonly hint?: string;
}

const names: readonly Field<TextClaim>[] = [
	{ key: 'name', label: 'Full name' },
	{ key: 'given_name', label: 'Given name' },
	{ key: 'family_name', label: 'Family name' },
	{ key: 'middle_name', label: 'Middle name' },
	{ key: 'nickname', label: 'Nickname' },
	{ key: 'preferred_username', label: 'Preferred username' },
];
const profile: readonly Field<TextClaim>[] = [
	{ key: 'phone_number', label: 'Phone number', hint: 'Like +1 604 555 1234' },
	{ key: 'locale', label: 'Language', hint: 'Like en-GB' },
	{ key: 'zoneinfo', label: 'Time zone', hint: 'Like Europe/Paris' },
	{ key: 'birthdate', label: 'Birthdate', hint: 'Like 1990-12-31 or 0000-12-31' },
	{ key: 'gender', label: 'Gender' },
	{ key: 'profile', label: 'Profile page', hint: 'Like https://www.example.com/jane' },
	{ key: 'picture', label: 'Picture', hint: 'Like https://example.com/jane.png' },
	{ key: 'website', label: 'Website', hint: 'Like https://jane.example.com' },
];
const address: readonly Field<AddressMember>[] = [
	{ key: 'formatted', label: 'Formatted' },
	{ key: 'street_address', label: 'Street address' },
	{ key: 'postal_code', label: 'Postal code' },
	{ key: 'locality', label: 'City' },
	{ key: 'region', label: 'State or region' },
	{ key: 'country', label: 'Country' },
];
const flags: readonly Field<FlagClaim>[] = [
	{ key: 'email_verified', label: 'E-mail is verified' },
	{ key: 'phone_number_verified', label: 'Phone number is verified' },
];

/** The object with one member changed. What is emptied becomes null where it was something, for a merge patch to take it away. */
function withMember<T extends object>(object: T, base: Partial<T>, key: keyof T, value: unknown): T {
	const empty = value === '' || value === null || value === undefined;
	const next = { ...object, [key]: empty ? null : value };
	if (empty && (base[key] === undefined || base[key] === null)) return Object.fromEntries(Object.entries(next).filter(([name]) => name !== key)) as T;
	return next;
}

export function ClaimFields({ draft }: { draft: PersonDraft }) {
	const claims: Claims = draft.value.claims ?? {};
	const base: Claims = draft.base.claims ?? {};
	const set = (key: keyof Claims, value: unknown) => {
		const next = withMember(claims, base, key, value);
		draft.set('claims', draft.base.claims === null && Object.keys(next).length === 0 ? null : next);
	};
	const text = ({ key, label, hint }: Field<TextClaim>) => (
		<TextInput
			key={key}
			label={label}
			placeholder={hint}
			value={claims[key] ?? ''}
			onChange={(event) => set(key, event.currentTarget.value)}
			error={draft.error(`/claims/${key}`)}
			autoComplete="off"
			data-testid={`field-claims-${key}`}
		/>
	);
	const where = claims.address ?? {};
	const setWhere = (key: AddressMember, value: string) => {
		const next = withMember(where, base.address ?? {}, key, value);
		set('address', Object.keys(next).length === 0 ? null : next);
	};
	return (
		<Stack gap="md">
			<Part legend="Name">
				<SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>{names.map(text)}</SimpleGrid>
			</Part>
			<Part legend="Profile">
				<SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>{profile.map(text)}</SimpleGrid>
			</Part>
			<Part legend="Address">
				<SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }}>
					{address.map(({ key, label }) => (
						<TextInput
							key={key}
							label={label}
							value={where[key] ?? ''}
							onChange={(event) => setWhere(key, event.currentTarget.value)}
							error={draft.error(`/claims/address/${key}`)}
							autoComplete="off"
							data-testid={`field-claims-address-${key}`}
						/>
					))}
				</SimpleGrid>
			</Part>
			<Part legend="Verified">
				<Stack gap="xs">
					{flags.map(({ key, label }) => (
						<Checkbox key={key} label={label} checked={claims[key] === true} onChange={(event) => set(key, event.currentTarget.checked ? true : base[key] === undefined ? null : false)} data-testid={`field-claims-${key}`} />
					))}
				</Stack>
			</Part>
		</Stack>
	);
}

function Part({ legend, children }: { legend: string; children: ReactNode }) {
	return (
		<fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
			<Text component="legend" size="sm" c="dimmed" fw={600} mb={6} p={0}>
				{legend}
			</Text>
			{children}
		</fieldset>
	);
}
