// The tab "Try it" of a client application: each flow of the guide, run as the application would; what was sent, what came back, what the
// token says, and what it may call. Secrets and tokens are in this component's memory, and gone with it.
import { Alert, Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';

import type { Held } from '../../api/client';
import { usePartition, useRead } from '../../api/hooks';
import { Block } from '../../parts/Block';
import { Failed, Read } from '../../parts/states';
import { isReserved } from '../../parts/words';
import { useSession } from '../../session/context';
import { Calls } from './Calls';
import { flows, formOf, noWish, tokenAddress, type Application, type Flow, type Metadata, type Parameters, type Wish } from './flows';
import { Answer, type Came } from './Answer';
import { Fields } from './Fields';
import { Line } from './Line';
import { Redirect } from './Redirect';
import { redirectOf } from './redirectOf';
import { keptForTrying } from './secrets';
import { memberText, send } from './send';
import { SignInWindow, useSignIn } from './SignIn';
import { TokenShown } from './TokenShown';

export function TryIt({ application }: { application: Held<Application> }) {
	const partition = usePartition();
	const metadata = useRead('/partitions/{partition}/client-applications/{client_id}/metadata', { partition, client_id: application.value.client_id });
	return <Read of={metadata}>{({ value }) => <Trying held={application} metadata={value} />}</Read>;
}

/** What is chosen at first: all that the flow carries, the ones for administration apart, which go with no others. */
function atFirst(metadata: Metadata, flow: Flow): readonly string[] {
	if (flow.key === 'refresh_token' || flow.key === 'token_exchange') return [];
	const scopes = scopesOf(metadata, flow).filter((scope) => !isReserved(scope));
	return flow.flow === 'authorization_code' ? ['openid', ...scopes] : scopes;
}

export function scopesOf(metadata: Metadata, flow: Flow): readonly string[] {
	return metadata.flows.find((candidate) => candidate.flow === flow.flow)?.scopes ?? [];
}

function Trying({ held, metadata }: { held: Held<Application>; metadata: Metadata }) {
	const application = held.value;
	const [parameters, setParameters] = useSearchParams();
	const [key, setKey] = useState(() => flows.find((flow) => flow.key === parameters.get('flow'))?.key ?? flows[0].key);
	const flow = flows.find((candidate) => candidate.key === key) ?? flows[0];
	const [wish, setWish] = useState<Wish>(() => ({ ...noWish, scopes: atFirst(metadata, flow), secret: keptForTrying(application.client_id)?.value ?? '' }));
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
			<FlowPick flow={flow} metadata={metadata} choose={choose} />
			<Request key={flow.key} {...{ held, metadata, flow, wish }} change={(change) => setWish((before) => ({ ...before, ...change }))} took={took} />
			{came !== null && <Answer came={came} application={application} metadata={metadata} />}
			{access !== null && <TokenShown title="Access token" token={access} key={access} testId="access-token" />}
			{id !== null && <TokenShown title="ID token" token={id} key={id} testId="id-token" />}
			{access !== null && <Calls token={access} key={`${access} calls`} />}
		</Stack>
	);
}

function FlowPick({ flow, metadata, choose }: { flow: Flow; metadata: Metadata; choose: (key: string) => void }) {
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
					{said.why} You can try it all the same, to see how it is refused.
				</Alert>
			)}
		</Block>
	);
}

interface RequestProps {
	held: Held<Application>;
	metadata: Metadata;
	flow: Flow;
	wish: Wish;
	change: (change: Partial<Wish>) => void;
	took: (came: Came | null) => void;
}

function Request(props: RequestProps) {
	return props.flow.flow === 'authorization_code' ? <SignInRequest {...props} /> : <OneRequest {...props} />;
}

function OneRequest({ held, metadata, flow, wish, change, took }: RequestProps) {
	const { auth_url } = useSession().console;
	const key = flow.key as Exclude<Flow['key'], 'user' | 'customer'>;
	const address = tokenAddress(key, wish, metadata, auth_url);
	const form = formOf(key, wish, held.value);
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
					<Fields {...{ application: held.value, metadata, flow, wish, change }} />
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

function SignInRequest({ held, metadata, flow, wish, change, took }: RequestProps) {
	const realm = flow.key === 'customer' ? 'customer' : 'user';
	const session = useSession();
	const redirectUri = redirectOf(session.console.auth_url);
	const signIn = useSignIn({ application: held.value, metadata, realm, wish, redirectUri, took });
	const same = realm === 'user' && metadata.partition === session.partition;
	return (
		<Block title="Request">
			<Stack gap="md">
				<Redirect held={held} redirectUri={redirectUri} />
				<Fields {...{ application: held.value, metadata, flow, wish, change }} />
				{same && (
					<Text size="sm" c="dimmed">
						You are signed in at this realm yourself. Signing in there as somebody else signs you out of the console, too: when it needs a fresh token, it asks you to sign in again.
					</Text>
				)}
				<SignInWindow signIn={signIn} registered={held.value.redirect_urls.includes(redirectUri)} />
			</Stack>
		</Block>
	);
}
