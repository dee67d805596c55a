// What one chooses for each flow.
import { Anchor, Checkbox, NativeSelect, PasswordInput, Radio, ScrollArea, Stack, Textarea, TextInput, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';

import { useApi, useChanged, useMayManage, usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Dotted } from '../../parts/Dotted';
import { rfc3339 } from '../../parts/moment';
import { Failed } from '../../parts/states';
import { useAct } from '../../parts/useAct';
import type { Kept } from '../applications/kept';
import { isProvidersToken, providerOf, scopesOf, tokenTypes, withTokenType, type Application, type Flow, type Metadata, type Wish } from './flows';
import { useProviders } from './useProviders';

interface FieldsProps {
	application: Application;
	kept: Kept;
	metadata: Metadata;
	flow: Flow;
	wish: Wish;
	change: (change: Partial<Wish>) => void;
}

export function Fields(props: FieldsProps) {
	const { application, flow } = props;
	return (
		<>
			{flow.key === 'on_behalf_of' && <SubjectFields {...props} />}
			{flow.key === 'token_exchange' && <ExchangeFields {...props} />}
			{flow.key === 'refresh_token' && <RefreshFields {...props} />}
			<Scopes {...props} />
			{flow.flow === 'authorization_code' && <SignInFields {...props} />}
			{application.platform === 'web' && flow.key !== 'anonymous' && <Secret {...props} />}
		</>
	);
}

const openid = ['openid', 'profile', 'email', 'offline_access'];
const optional: readonly Flow['key'][] = ['refresh_token', 'token_exchange'];
const FEW = 12;

function Scopes({ metadata, flow, wish, change }: FieldsProps) {
	const [sought, setSought] = useState('');
	const assigned = scopesOf(metadata, flow, wish);
	const offered = flow.flow === 'authorization_code' ? [...openid, ...assigned] : assigned;
	const shown = offered.filter((name) => name.toLowerCase().includes(sought.trim().toLowerCase()));
	return (
		<Stack gap="xs">
			<Checkbox.Group
				label="Scope"
				description={optional.includes(flow.key) ? 'May be left out: then the token has all that it can.' : 'Of the assigned permissions those that this flow carries. A permission is in the token only if it is asked for.'}
				value={[...wish.scopes]}
				onChange={(scopes) => change({ scopes })}
			>
				{offered.length > FEW && (
					<TextInput aria-label="Search among the permissions" placeholder="Search among the permissions" value={sought} onChange={(event) => setSought(event.currentTarget.value)} mt="xs" maw="24rem" />
				)}
				<ScrollArea.Autosize mah={260} mt="xs" type="auto" viewportProps={{ tabIndex: 0 }}>
					<Stack gap={8} data-testid="scopes">
						{shown.map((name) => (
							<Checkbox key={name} value={name} label={<span className="mono"><Dotted>{name}</Dotted></span>} data-testid={`scope-${name}`} />
						))}
						{offered.length === 0 && (
							<Text size="sm" c="dimmed">
								{flow.key === 'anonymous' ? 'The partition gives anonymous customers no permission.' : 'No permission that this flow carries is assigned.'}
							</Text>
						)}
					</Stack>
				</ScrollArea.Autosize>
			</Checkbox.Group>
			{offered.length > 1 && (
				<Group gap="xs">
					<Button size="compact-xs" variant="subtle" onClick={() => change({ scopes: [...new Set([...wish.scopes, ...shown])] })}>
						Choose all
					</Button>
					<Button size="compact-xs" variant="subtle" onClick={() => change({ scopes: [] })}>
						Choose none
					</Button>
				</Group>
			)}
			<TextInput
				label="Other scopes"
				description="Names separated by spaces, to see what is refused and why."
				value={wish.more}
				onChange={(event) => change({ more: event.currentTarget.value })}
				spellCheck={false}
				autoCapitalize="off"
				autoComplete="off"
				maw="34rem"
				data-testid="scope-more"
			/>
		</Stack>
	);
}

function SignInFields({ application, wish, change }: FieldsProps) {
	return (
		<Group gap="lg" align="flex-end">
			<NativeSelect
				label="Ask the person (prompt)"
				value={wish.prompt}
				onChange={(event) => change({ prompt: event.currentTarget.value as Wish['prompt'] })}
				data={[
					{ value: '', label: 'Only what is needed' },
					{ value: 'login', label: 'For the password' },
					{ value: 'select_account', label: 'Who it is' },
					{ value: 'consent', label: 'For consent' },
					{ value: 'none', label: 'Nothing (none)' },
				]}
				data-testid="prompt"
			/>
			{application.platform === 'web' && <Checkbox label="With PKCE" checked={wish.pkce} onChange={(event) => change({ pkce: event.currentTarget.checked })} mb={8} data-testid="pkce" />}
		</Group>
	);
}

function SubjectFields({ wish, change }: FieldsProps) {
	return (
		<Group gap="lg" align="flex-end">
			<Radio.Group label="On whose behalf" value={wish.subject} onChange={(subject) => change({ subject })}>
				<Group gap="md" mt={6}>
					<Radio value="username" label="User, by username" data-testid="subject-username" />
					<Radio value="userid" label="User, by id" data-testid="subject-userid" />
					<Radio value="email" label="Customer, by e-mail" data-testid="subject-email" />
				</Group>
			</Radio.Group>
			<TextInput
				label={wish.subject === 'email' ? 'E-mail' : wish.subject === 'userid' ? 'User id' : 'Username'}
				value={wish.subjectName}
				onChange={(event) => change({ subjectName: event.currentTarget.value })}
				spellCheck={false}
				autoCapitalize="off"
				autoComplete="off"
				style={{ flex: '1 1 14rem', maxWidth: '24rem' }}
				data-testid="subject"
			/>
		</Group>
	);
}

function RealmField({ wish, change }: FieldsProps) {
	return (
		<NativeSelect
			label="Realm"
			value={wish.realm}
			onChange={(event) => change({ realm: event.currentTarget.value === 'customer' ? 'customer' : 'user' })}
			data={[
				{ value: 'user', label: 'Users' },
				{ value: 'customer', label: 'Customers' },
			]}
			data-testid="token-realm"
		/>
	);
}

function RefreshFields(props: FieldsProps) {
	const { wish, change } = props;
	return (
		<Group gap="lg" align="flex-end">
			<RealmField {...props} />
			<PasswordInput
				label="Refresh token"
				description="The last one that came stands here. One comes with a sign-in for offline_access; each is good once."
				value={wish.refreshToken}
				onChange={(event) => change({ refreshToken: event.currentTarget.value })}
				autoComplete="off"
				visibilityToggleButtonProps={{ 'aria-label': 'Show the refresh token' }}
				style={{ flex: '1 1 18rem', maxWidth: '34rem' }}
				data-testid="refresh-token"
			/>
		</Group>
	);
}

function ExchangeFields(props: FieldsProps) {
	const { wish, change } = props;
	const ids = useProviders();
	const chosen = wish.registrationId !== '' && !ids.includes(wish.registrationId) ? [wish.registrationId, ...ids] : ids;
	const foreign = isProvidersToken(wish.tokenType);
	return (
		<Stack gap="md">
			<Group gap="lg" align="flex-end">
				{foreign && <RealmField {...props} />}
				<NativeSelect label="What is exchanged" value={wish.tokenType} onChange={(event) => change(withTokenType(wish, event.currentTarget.value))} data={tokenTypes.map((type) => ({ ...type }))} data-testid="subject-token-type" />
				{foreign && (
					<NativeSelect
						label="Identity provider"
						value={providerOf(wish, ids)}
						onChange={(event) => change({ registrationId: event.currentTarget.value })}
						description={ids.length === 0 ? <ToProviders /> : undefined}
						data={[...(ids.length === 1 ? [] : [{ value: '', label: ids.length === 0 ? 'None is registered' : 'Choose one' }]), ...chosen.map((id) => ({ value: id, label: id }))]}
						data-testid="registration-id"
					/>
				)}
			</Group>
			{foreign ? (
				<Textarea
					label="Subject token"
					description="A JWT that the identity provider signed."
					value={wish.subjectToken}
					onChange={(event) => change({ subjectToken: event.currentTarget.value })}
					autosize
					minRows={2}
					maxRows={8}
					spellCheck={false}
					autoComplete="off"
					data-testid="subject-token"
				/>
			) : (
				<TextInput label="Subject token" description={wish.realm === 'customer' ? 'The e-mail of the customer.' : 'The name of the user, or the id.'} value={wish.subjectToken} onChange={(event) => change({ subjectToken: event.currentTarget.value })} maw="24rem" autoComplete="off" data-testid="subject-token" />
			)}
		</Stack>
	);
}

function ToProviders() {
	return (
		<Anchor component={Link} size="xs" to={pathTo(usePartition(), 'integration', 'new-identity-provider')}>
			Register one
		</Anchor>
	);
}

/** An hour is enough to try, and nothing is left lying about. */
const SECONDS = 3600;

function Secret({ application, kept, wish, change }: FieldsProps) {
	const api = useApi();
	const partition = usePartition();
	const changed = useChanged();
	const mayManage = useMayManage();
	const act = useAct();
	const { client_id } = application;

	async function make() {
		const now = new Date();
		const label = `Try it ${now.toISOString().slice(0, 19).replace('T', ' ')}`;
		const { value } = await api.create('/partitions/{partition}/client-applications/{client_id}/secrets', { partition, client_id }, { label, expires_at: rfc3339(new Date(now.getTime() + SECONDS * 1000)) });
		kept.keep({ label: value.label, value: value.value });
		change({ secret: value.value });
		void changed();
	}

	return (
		<Stack gap={6}>
			<Group gap="sm" align="flex-start">
				<PasswordInput
					label="Client Secret"
					description={`${kept.secret !== null && kept.secret.value === wish.secret ? `“${kept.secret.label}”, as it was shown. ` : ''}In this page’s memory alone: gone when you leave the client application, or reload.`}
					value={wish.secret}
					onChange={(event) => {
						kept.keep(null);
						change({ secret: event.currentTarget.value });
					}}
					autoComplete="off"
					visibilityToggleButtonProps={{ 'aria-label': 'Show the Client Secret' }}
					style={{ flex: '1 1 18rem', maxWidth: '34rem' }}
					data-testid="client-secret"
				/>
				{mayManage && (
					<Button variant="default" mt={{ base: 0, sm: 25 }} onClick={() => void act.run(make)} loading={act.busy} data-testid="make-try-secret">
						Make a secret for an hour
					</Button>
				)}
			</Group>
			{act.error !== null && <Failed error={act.error} title="No secret was made" />}
		</Stack>
	);
}
