// The tab "Try it" of a client application: each flow of the guide, run as the application would; what was sent, what came back, what the
// token says, and what it may call. Secrets and tokens are in this component's memory, and gone with it.
import { Alert, Anchor, Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import type { Held } from '../../api/client';
import { usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { Failed, Read } from '../../parts/states';
import { isReserved } from '../../parts/words';
import { useSession } from '../../session/context';
import type { Kept } from '../applications/kept';
import type { TabProps } from '../applications/words';
import { Calls } from './Calls';
import { flows, formOf, noWish, providerOf, scopesOf, tabThatOpens, tokenAddress, type Application, type Flow, type Metadata, type Parameters, type Wish } from './flows';
import { Answer, type Came } from './Answer';
import { Fields } from './Fields';
import { Line } from './Line';
import { Redirect } from './Redirect';
import { redirectOf } from './redirectOf';
import { memberText, send } from './send';
import { SignInWindow, useSignIn } from './SignIn';
import { TokenShown } from './TokenShown';
import { useProviders } from './useProviders';

export function TryIt({ application, kept }: TabProps) {
	const partition = usePartition();
	const metadata = useRead('/partitions/{partition}/client-applications/{client_id}/metadata', { partition, client_id: application.value.client_id });
	return <Read of={metadata}>{({ value }) => <Trying held={application} kept={kept} metadata={value} />}</Read>;
}

/** What is chosen at first: all that the flow carries, the ones for administration apart, which go with no others. */
function atFirst(metadata: Metadata, flow: Flow): readonly string[] {
	if (flow.key === 'refresh_token' || flow.key === 'token_exchange') return [];
	const scopes = scopesOf(metadata, flow, noWish).filter((scope) => !isReserved(scope));
	return flow.flow === 'authorization_code' ? ['openid', ...scopes] : scopes;
}

function Trying({ held, kept, metadata }: { held: Held<Application>; kept: Kept; metadata: Metadata }) {
	const application = held.value;
	const [parameters, setParameters] = useSearchParams();
	const [key, setKey] = useState(() => flows.find((flow) => flow.key === parameters.get('flow'))?.key ?? flows[0].key);
	const flow = flows.find((candidate) => candidate.key === key) ?? flows[0];
	const [wish, setWish] = useState<Wish>(() => ({ ...noWish, scopes: atFirst(metadata, flow), secret: kept.secret?.value ?? '' }));
	const [came, setCame] = useState<Came | null>(null);

	function choose(next: string) {
		const chosen = flows.find((candidate) => candidate.key === next);
		if (chosen === undefined) return;
		setKey(chosen.key);
		setCame(null);
		setWish((before) => ({ ...before, scopes: atFirst(metadata, chosen), more: '' }));
		setParameters(
			(before) => {
				const after = new URLSearchParams(before);
				after.set('flow', chosen.key);
				return after;
			},
			{ replace: true, preventScrollReset: true },
		);
	}

	/** A refresh token that came is the one to use next: the former is used up. */
	function took(next: Came | null) {
		setCame(next);
		if (next?.reply === undefined || next.reply.status !== 200) return;
		const refreshToken = memberText(next.reply, 'refresh_token');
		if (refreshToken !== null) setWish((before) => ({ ...before, refreshToken, realm: next.realm }));
	}

	const access = came?.reply === undefined || came.reply.status !== 200 ? null : memberText(came.reply, 'access_token');
	const id = came?.reply === undefined || came.reply.status !== 200 ? null : memberText(came.reply, 'id_token');
	return (
		<Stack gap="lg">
			<FlowPick flow={flow} application={application} metadata={metadata} choose={choose} />
			<Request key={flow.key} {...{ held, kept, metadata, flow, wish }} change={(change) => setWish((before) => ({ ...before, ...change }))} took={took} />
			{came !== null && <Answer came={came} application={application} />}
			{access !== null && <TokenShown title="Access token" token={access} key={access} testId="access-token" />}
			{id !== null && <TokenShown title="ID token" token={id} key={id} testId="id-token" />}
			{access !== null && <Calls token={access} key={`${access} calls`} />}
		</Stack>
	);
}

function FlowPick({ flow, application, metadata, choose }: { flow: Flow; application: Application; metadata: Metadata; choose: (key: string) => void }) {
	const said = metadata.flows.find((candidate) => candidate.flow === flow.flow);
	return (
		<Block title="Flow">
			<Radio.Group value={flow.key} onChange={choose} aria-label="Flow">
				<SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 4 }} spacing="xs">
					{flows.map((candidate) => (
						<Radio.Card key={candidate.key} value={candidate.key} p="sm" aria-label={candidate.label} data-testid={`flow-${candidate.key}`}>
							<Group wrap="nowrap" align="flex-start" gap="sm" h="100%">
								<Radio.Indicator />
								<div style={{ minWidth: 0 }}>
									<Text size="sm" fw={600}>
										{candidate.label}
									</Text>
									<Text size="xs" c="dimmed">
										{candidate.about}
									</Text>
								</div>
							</Group>
						</Radio.Card>
					))}
				</SimpleGrid>
			</Radio.Group>
			{said?.allowed === false && (
				<Alert color="yellow" variant="light" title="The application may not use this flow yet" data-testid="flow-closed">
					<Closed flow={flow} application={application} why={said.why} />
				</Alert>
			)}
		</Block>
	);
}

/** Why, and where that is changed. */
function Closed({ flow, application, why }: { flow: Flow; application: Application; why: string }) {
	const partition = usePartition();
	const tab = tabThatOpens(flow, application);
	const at = pathTo(partition, 'integration', 'client-applications', application.client_id);
	return (
		<>
			<Text size="sm">{why} You can try it all the same, to see how it is refused.</Text>
			{tab !== null && (
				<Anchor component={Link} size="sm" to={tab === 'general' ? at : `${at}/${tab}`}>
					{tab === 'general' ? 'Open it under General' : 'Assign it a permission'}
				</Anchor>
			)}
		</>
	);
}

interface RequestProps {
	held: Held<Application>;
	kept: Kept;
	metadata: Metadata;
	flow: Flow;
	wish: Wish;
	change: (change: Partial<Wish>) => void;
	took: (came: Came | null) => void;
}

function Request(props: RequestProps) {
	return props.flow.flow === 'authorization_code' ? <SignInRequest {...props} /> : <OneRequest {...props} />;
}

function OneRequest({ held, kept, metadata, flow, wish, change, took }: RequestProps) {
	const { auth_url } = useSession().console;
	const key = flow.key as Exclude<Flow['key'], 'user' | 'customer'>;
	const address = tokenAddress(key, wish, metadata, auth_url);
	const ids = useProviders(key === 'token_exchange');
	const form = formOf(key, { ...wish, registrationId: providerOf(wish, ids) }, held.value);
	const { busy, error, run } = useSending(address, form, key === 'on_behalf_of' ? (wish.subject === 'email' ? 'customer' : 'user') : wish.realm, took);
	return (
		<Block title="Request">
			<form
				onSubmit={(event) => {
					event.preventDefault();
					run();
				}}
			>
				<Stack gap="md">
					<Fields {...{ application: held.value, kept, metadata, flow, wish, change }} />
					<Line address={address} form={form} />
					{flow.key === 'anonymous' && metadata.domain_url !== auth_url && (
						<Text size="sm" c="dimmed">
							Programs ask under {metadata.domain_url}. The console may only talk to its own origin, so it asks the same server here.
						</Text>
					)}
					{error !== null && <Failed error={error} />}
					<div>
						<Button type="submit" loading={busy} data-testid="run">
							Send the request
						</Button>
					</div>
				</Stack>
			</form>
		</Block>
	);
}

function useSending(address: string, form: Parameters, realm: 'user' | 'customer', took: (came: Came | null) => void) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const leaving = useRef<AbortController | null>(null);
	useEffect(() => () => leaving.current?.abort(), []);

	async function ask() {
		leaving.current?.abort();
		const stop = new AbortController();
		leaving.current = stop;
		setBusy(true);
		setError(null);
		took(null);
		try {
			const reply = await send(address, form, stop.signal);
			took({ realm, reply });
		} catch (thrown) {
			if (!stop.signal.aborted) setError(thrown instanceof TypeError ? new Error('The server cannot be reached, or answered with a redirect.') : thrown);
		}
		if (!stop.signal.aborted) setBusy(false);
	}

	return { busy, error, run: () => void ask() };
}

function SignInRequest({ held, kept, metadata, flow, wish, change, took }: RequestProps) {
	const realm = flow.key === 'customer' ? 'customer' : 'user';
	const session = useSession();
	const redirectUri = redirectOf(session.console.auth_url);
	const signIn = useSignIn({ application: held.value, metadata, realm, wish, redirectUri, took });
	const same = realm === 'user' && metadata.partition === session.partition;
	return (
		<Block title="Request">
			<Stack gap="md">
				<Redirect held={held} redirectUri={redirectUri} />
				<Fields {...{ application: held.value, kept, metadata, flow, wish, change }} />
				{same && (
					<Text size="sm" c="dimmed">
						Your own sign-in to the console is of this kind, too: signing in as somebody else ends it, and the console asks you to sign in again as soon as it needs a fresh token.
					</Text>
				)}
				<SignInWindow signIn={signIn} registered={held.value.redirect_urls.includes(redirectUri)} />
			</Stack>
		</Block>
	);
}
