import { Alert, NativeSelect, SimpleGrid, Stack, Switch, Text, TextInput } from '@mantine/core';

import type { Held, Schemas } from '../../api/client';
import { useApi } from '../../api/hooks';
import { Block } from '../../parts/Block';
import type { Draft } from '../../parts/draft';
import { Icon } from '../../parts/icons';
import { ObjectForm } from '../../parts/ObjectForm';
import { colorFull, colorParsed } from './brand';
import { Preview } from './Preview';
import { ScopesField } from './ScopesField';

type Partition = Schemas['Partition'];
type PartitionDraft = Draft<Partition>;
type Branding = NonNullable<Partition['branding']>;
type Policies = NonNullable<Partition['policies']>;
type Anonymous = NonNullable<Partition['anonymous_customers']>;

const words = {
	name: 'Name',
	permission_prefix: 'Permission prefix',
	access_token_algorithm: 'Access token algorithm',
	branding: 'Branding',
	policies: 'Policies',
	anonymous_customers: 'Anonymous customers',
} as const;

export function Settings({ held, readAgain }: { held: Held<Partition>; readAgain: () => Promise<Held<Partition>> }) {
	const api = useApi();
	return (
		<ObjectForm<Partition>
			held={held}
			read={readAgain}
			save={(changes, etag) => api.change('/partitions/{partition}', { partition: held.value.id }, etag, changes)}
			words={words}
			check={(value): Record<string, string> => (isColor(value.branding?.color) ? {} : { '/branding/color': 'A colour is written #0b5fff, or #05f for short.' })}
		>
			{(draft) => (
				<Stack gap="lg">
					<General draft={draft} />
					<BrandingBlock draft={draft} />
					<PoliciesBlock draft={draft} />
					<AnonymousBlock draft={draft} />
				</Stack>
			)}
		</ObjectForm>
	);
}

function General({ draft }: { draft: PartitionDraft }) {
	const prefix = draft.value.permission_prefix ?? '';
	return (
		<Block title="General">
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				<TextInput label="ID" description="Stands in every address of the partition. It never changes." value={draft.value.id} readOnly classNames={{ input: 'mono' }} data-testid="field-id" />
				<TextInput label="Name" description="For administrators." autoComplete="off" {...draft.text('name')} />
				<TextInput
					label="Permission prefix"
					description="May stand in front of permissions in requests; tokens never have it."
					placeholder="https://api.example.cloud/auth/"
					autoComplete="off"
					spellCheck={false}
					{...draft.text('permission_prefix')}
				/>
				<NativeSelect
					label="Access token algorithm"
					description="What new access tokens are signed with. ID tokens: at each client application."
					data={[
						{ value: 'ES256', label: 'ES256 (short, fast)' },
						{ value: 'RS256', label: 'RS256 (for programs that know no other)' },
					]}
					value={draft.value.access_token_algorithm ?? 'ES256'}
					onChange={(event) => draft.set('access_token_algorithm', event.currentTarget.value as 'ES256' | 'RS256')}
					error={draft.error('/access_token_algorithm')}
					data-testid="field-access_token_algorithm"
				/>
			</SimpleGrid>
			{prefix !== '' && (
				<Text size="sm" c="dimmed">
					A request may ask for <span className="mono">knowledge.portalmgr.read</span> or <span className="mono">{prefix}knowledge.portalmgr.read</span>.
				</Text>
			)}
		</Block>
	);
}

function BrandingBlock({ draft }: { draft: PartitionDraft }) {
	const branding: Branding = draft.value.branding ?? {};
	const set = (change: Branding) => draft.set('branding', { ...branding, ...change });
	const text = (value: string) => (value === '' ? null : value);
	return (
		<Block title="Branding" about="How the pages look on which people sign in and give consent.">
			<SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
				<Stack>
					<TextInput
						label="Name on the pages"
						description="Without one: the partition's name."
						value={branding.name ?? ''}
						onChange={(event) => set({ name: text(event.currentTarget.value) })}
						error={draft.error('/branding/name')}
						autoComplete="off"
						data-testid="field-branding-name"
					/>
					<TextInput
						label="Colour"
						description="Shades that can be read, light and dark, are made of it."
						placeholder="#0f6a70"
						value={branding.color ?? ''}
						onChange={(event) => set({ color: text(event.currentTarget.value.trim()) })}
						error={draft.error('/branding/color')}
						autoComplete="off"
						spellCheck={false}
						data-testid="field-branding-color"
						rightSection={
							<input
								type="color"
								aria-label="Choose the colour"
								value={colorFull(branding.color ?? null)}
								onChange={(event) => set({ color: event.currentTarget.value })}
								style={{ width: '1.75rem', height: '1.5rem', padding: 0, border: 0, background: 'none', cursor: 'pointer' }}
							/>
						}
					/>
					<TextInput
						label="Logo URL"
						description="An image, by https. Stands in place of the first letter."
						placeholder="https://www.example.com/logo.svg"
						value={branding.logo_url ?? ''}
						onChange={(event) => set({ logo_url: text(event.currentTarget.value) })}
						error={draft.error('/branding/logo_url')}
						autoComplete="off"
						spellCheck={false}
						data-testid="field-branding-logo_url"
					/>
				</Stack>
				<Preview name={branding.name ?? draft.value.name ?? draft.value.id} color={branding.color ?? null} logo={branding.logo_url ?? null} />
			</SimpleGrid>
		</Block>
	);
}

function PoliciesBlock({ draft }: { draft: PartitionDraft }) {
	const policies: Policies = draft.value.policies ?? {};
	const field = (key: keyof Policies, label: string, placeholder: string) => (
		<TextInput
			label={label}
			placeholder={placeholder}
			value={policies[key] ?? ''}
			onChange={(event) => draft.set('policies', { ...policies, [key]: event.currentTarget.value === '' ? null : event.currentTarget.value })}
			error={draft.error(`/policies/${key}`)}
			autoComplete="off"
			spellCheck={false}
			data-testid={`field-policies-${key}`}
		/>
	);
	return (
		<Block title="Policies" about="What older addresses call the two realms. Programs that use those addresses stop working when a name changes.">
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				{field('user', 'Policy of users', 'user_signin')}
				{field('customer', 'Policy of customers', 'customer_signin')}
			</SimpleGrid>
		</Block>
	);
}

function AnonymousBlock({ draft }: { draft: PartitionDraft }) {
	const anonymous: Anonymous = draft.value.anonymous_customers ?? {};
	const set = (change: Anonymous) => draft.set('anonymous_customers', { ...anonymous, ...change });
	const on = anonymous.enabled === true;
	return (
		<Block title="Anonymous customers" about="Access tokens for anybody, without a sign-in, a client application or a secret.">
			<Switch
				label="Give tokens to anonymous customers"
				checked={on}
				onChange={(event) => set({ enabled: event.currentTarget.checked })}
				error={draft.error('/anonymous_customers/enabled')}
				data-testid="field-anonymous-enabled"
			/>
			{on && (
				<Alert color="yellow" variant="light" icon={<Icon name="warning" />} title="Whoever can reach this server gets these permissions">
					<Text size="sm">Which operations each of them opens stands on the permission's own page.</Text>
				</Alert>
			)}
			<ScopesField
				label="Permissions of anonymous customers"
				description="Delegated ones only."
				value={anonymous.permissions ?? []}
				onChange={(permissions) => set({ permissions })}
				error={draft.error('/anonymous_customers/permissions') ?? lineError(draft, anonymous.permissions ?? [])}
				testId="field-anonymous-permissions"
			/>
		</Block>
	);
}

/** None is good too. */
function isColor(text: string | null | undefined): boolean {
	return text === undefined || text === null || text === '' || colorParsed(text) !== null;
}

/** The list is one field: what is said of an entry is said with its name. */
function lineError(draft: PartitionDraft, permissions: readonly string[]): string | undefined {
	const said = permissions.flatMap((permission, index) => {
		const sentence = draft.error(`/anonymous_customers/permissions/${index}`);
		return sentence === undefined ? [] : [`${permission}: ${sentence}`];
	});
	return said.length > 0 ? said.join(' ') : undefined;
}
