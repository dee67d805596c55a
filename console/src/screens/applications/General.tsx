// All that an application is, apart from its secrets and permissions.
import { Checkbox, NumberInput, Radio, Select, SimpleGrid, Stack, Switch, TextInput } from '@mantine/core';

import { useApi, usePartition } from '../../api/hooks';
import { durationSaid } from '../../parts/Ago';
import type { Draft } from '../../parts/draft';
import { Block } from '../../parts/Block';
import { ListField, linesFilled } from '../../parts/ListField';
import { ObjectForm } from '../../parts/ObjectForm';
import { listProblems, redirectProblem, serviceProblem } from './addresses';
import { KeysField } from './KeysField';
import { PlatformField } from './PlatformField';
import { RedirectField } from './RedirectField';
import { memberWords, type Application, type TabProps } from './words';

function check(value: Application): Record<string, string> {
	const errors: Record<string, string> = {
		...(value.name.trim() === '' ? { '/name': 'An application needs a name.' } : {}),
		...listProblems('redirect_urls', value.redirect_urls, (line) => (line === '' ? null : redirectProblem(value.platform, line.trim()))),
		...listProblems('post_logout_redirect_urls', value.post_logout_redirect_urls, (line) => (line === '' ? null : redirectProblem(value.platform, line.trim()))),
	};
	for (const key of ['backchannel_logout_url', 'jwks_url'] as const) {
		const wrong = value[key] === null ? null : serviceProblem(value[key]);
		if (wrong !== null) errors[`/${key}`] = wrong;
	}
	return errors;
}

/** Lines in which nothing stands are left away. */
function tidy(changes: Partial<Application>): Partial<Application> {
	return {
		...changes,
		...(changes.redirect_urls === undefined ? {} : { redirect_urls: linesFilled(changes.redirect_urls) }),
		...(changes.post_logout_redirect_urls === undefined ? {} : { post_logout_redirect_urls: linesFilled(changes.post_logout_redirect_urls) }),
	};
}

export function General({ application }: TabProps) {
	const api = useApi();
	const partition = usePartition();
	const names = { partition, client_id: application.value.client_id };
	return (
		<ObjectForm
			held={application}
			words={memberWords}
			check={check}
			read={() => api.read('/partitions/{partition}/client-applications/{client_id}', names)}
			save={(changes, etag) => api.change('/partitions/{partition}/client-applications/{client_id}', names, etag, tidy(changes))}
		>
			{(draft) => (
				<Stack gap="lg">
					<Identity draft={draft} />
					<Addresses draft={draft} />
					<Tokens draft={draft} />
					<Flows draft={draft} />
				</Stack>
			)}
		</ObjectForm>
	);
}

function Identity({ draft }: { draft: Draft<Application> }) {
	return (
		<Block title="Client application">
			<TextInput label={memberWords.name} description="A unique name for your client application." required maxLength={128} autoComplete="off" {...draft.text('name')} />
			<Select label={memberWords.resource_type} description="The only option available is Global." data={[{ value: 'global', label: 'Global' }]} allowDeselect={false} {...draft.choice('resource_type')} />
			<PlatformField {...draft.choice('platform')} />
			<Switch label={memberWords.enabled} description="While it is disabled, no tokens are issued to it and those that it has are not accepted." {...draft.flag('enabled')} />
		</Block>
	);
}

function Addresses({ draft }: { draft: Draft<Application> }) {
	const { platform } = draft.value;
	return (
		<Block title="Addresses">
			<RedirectField {...draft.list('redirect_urls')} platform={platform} />
			<ListField
				label={memberWords.post_logout_redirect_urls}
				description="Where people may be sent after they signed out."
				one="post-logout redirect URL"
				check={(line) => redirectProblem(platform, line.trim())}
				{...draft.list('post_logout_redirect_urls')}
			/>
			<TextInput
				label={memberWords.backchannel_logout_url}
				description="The server posts a logout token to it when somebody's session ends (OpenID Connect Back-Channel Logout)."
				placeholder="https://www.example.com/backchannel-logout"
				spellCheck={false}
				{...withJudgement(draft.text('backchannel_logout_url', null))}
			/>
		</Block>
	);
}

/** The server's sentence, or ours while somebody types. */
function withJudgement<F extends { value: string; error: string | undefined }>(field: F): F {
	return { ...field, error: field.error ?? (field.value === '' ? undefined : (serviceProblem(field.value) ?? undefined)) };
}

function Seconds({ draft, member, description, max }: { draft: Draft<Application>; member: 'access_token_seconds' | 'refresh_idle_seconds' | 'refresh_max_seconds'; description: string; max: number }) {
	const seconds = draft.value[member];
	return (
		<NumberInput
			label={memberWords[member]}
			description={`${description} ${typeof seconds === 'number' ? `Now ${durationSaid(seconds)}.` : ''}`}
			suffix=" seconds"
			min={60}
			max={max}
			step={60}
			allowDecimal={false}
			allowNegative={false}
			clampBehavior="none"
			{...draft.number(member)}
		/>
	);
}

function Tokens({ draft }: { draft: Draft<Application> }) {
	return (
		<Block title="Tokens">
			<SimpleGrid cols={{ base: 1, md: 2 }}>
				<Seconds draft={draft} member="access_token_seconds" description="From 1 minute to 1 day." max={86_400} />
				<Select
					label={memberWords.id_token_algorithm}
					description="What ID tokens and logout tokens are signed with."
					data={[
						{ value: 'RS256', label: 'RS256 (works everywhere)' },
						{ value: 'ES256', label: 'ES256' },
					]}
					allowDeselect={false}
					{...draft.choice('id_token_algorithm')}
				/>
			</SimpleGrid>
			<Switch label={memberWords.refresh_tokens} description="Gives a refresh token to those who ask for the scope offline_access." {...draft.flag('refresh_tokens')} />
			{draft.value.refresh_tokens === true && (
				<SimpleGrid cols={{ base: 1, md: 2 }}>
					<Seconds draft={draft} member="refresh_idle_seconds" description="Each use begins this time anew." max={34_560_000} />
					<Seconds draft={draft} member="refresh_max_seconds" description="However often it is used." max={34_560_000} />
				</SimpleGrid>
			)}
		</Block>
	);
}

function Flows({ draft }: { draft: Draft<Application> }) {
	const exchange = draft.value.grants.includes('token_exchange');
	return (
		<Block title="Consent and flows">
			<Radio.Group label={memberWords.consent} {...draft.choice('consent')}>
				<Stack gap="xs" mt="xs">
					<Radio value="ask" label="Ask" description="People are asked once what the application may do, and it is remembered." data-testid="consent-ask" />
					<Radio value="implied" label="Implied" description="People are not asked: for applications of one's own." data-testid="consent-implied" />
				</Stack>
			</Radio.Group>
			{draft.value.platform === 'web' && (
				<>
					<Checkbox
						label="Token exchange"
						description="It may exchange tokens of the partition's identity providers for tokens of this server (RFC 8693)."
						checked={exchange}
						onChange={(event) => draft.set('grants', event.currentTarget.checked ? ['token_exchange'] : [])}
						error={draft.error('/grants')}
						data-testid="field-grants"
					/>
					<KeysField draft={draft} />
				</>
			)}
		</Block>
	);
}
