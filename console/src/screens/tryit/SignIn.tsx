// The authorization code flow from here: a window for the person, the code that comes back, and its exchange for tokens.
import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';

import type { Realm } from '../../parts/names';
import { Failed } from '../../parts/states';
import { pkceMake } from '../applications/curl';
import type { Came } from './Answer';
import { authorizeAddress, codeForm, tokenAddress, type Application, type CodeRequest, type Metadata, type Wish } from './flows';
import { handedBack, openPopup, SignInLeft } from './popup';
import { send } from './send';

interface Ingredients {
	application: Application;
	metadata: Metadata;
	realm: Realm;
	wish: Wish;
	redirectUri: string;
	took: (came: Came | null) => void;
}

export interface SignIn {
	/** null: nothing is under way. */
	readonly waiting: { readonly address: string; readonly window: boolean } | null;
	readonly error: unknown;
	readonly begin: () => void;
	readonly stop: () => void;
}

function random(): string {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** RFC 9207: the answer is of the realm that was asked. */
function issuerOf(metadata: Metadata, realm: Realm): string {
	return metadata.discovery_url[realm].replace(/\/\.well-known\/openid-configuration$/, '');
}

export function useSignIn({ application, metadata, realm, wish, redirectUri, took }: Ingredients): SignIn {
	const [waiting, setWaiting] = useState<SignIn['waiting']>(null);
	const [error, setError] = useState<unknown>(null);
	const stopper = useRef<AbortController | null>(null);
	useEffect(() => () => stopper.current?.abort(), []);

	async function run(popup: Window | null, stop: AbortController): Promise<Came> {
		const { verifier, challenge } = await pkceMake();
		const request: CodeRequest = { redirectUri, state: random(), verifier, challenge };
		const address = authorizeAddress(realm, wish, application, metadata, request);
		const given = handedBack(request.state, popup, stop.signal);
		setWaiting({ address, window: popup !== null });
		popup?.location.replace(address);
		const back = await given;
		popup?.close();
		const iss = back.get('iss');
		const authorization = { address, back: Object.fromEntries(back) };
		if (iss !== null && iss !== issuerOf(metadata, realm)) throw new Error(`The answer says that it is of ${iss}, which was not asked.`);
		const code = back.get('code');
		if (code === null) return { realm, authorization };
		const form = codeForm(code, wish, application, request);
		const tokens = tokenAddress(realm, wish, metadata, '');
		return { realm, authorization, form, address: tokens, reply: await send(tokens, form, stop.signal) };
	}

	/** Has to be called by the click itself, for the window. */
	function begin() {
		stopper.current?.abort();
		const stop = new AbortController();
		stopper.current = stop;
		const popup = openPopup();
		took(null);
		setError(null);
		run(popup, stop)
			.then(took, (thrown: unknown) => {
				popup?.close();
				if (!stop.signal.aborted) setError(thrown instanceof SignInLeft || !(thrown instanceof TypeError) ? thrown : new Error('The server cannot be reached.'));
			})
			.finally(() => {
				if (stopper.current === stop) setWaiting(null);
			});
	}

	return { waiting, error, begin, stop: () => stopper.current?.abort() };
}

export function SignInWindow({ signIn, registered }: { signIn: SignIn; registered: boolean }) {
	const { waiting, error } = signIn;
	return (
		<Stack gap="sm">
			{error !== null && <Failed error={error} title="The sign-in did not come back" />}
			<Group gap="sm">
				<Button onClick={signIn.begin} disabled={!registered} loading={waiting !== null} data-testid="run">
					Open the sign-in
				</Button>
				{waiting !== null && (
					<Button variant="default" onClick={signIn.stop}>
						Stop
					</Button>
				)}
				{!registered && (
					<Text size="sm" c="dimmed">
						Register the console’s address first.
					</Text>
				)}
			</Group>
			{waiting !== null && (
				<Text size="sm" role="status">
					{waiting.window ? 'Go on in the window that opened.' : 'The browser let no window open. Allow it for this page, or follow this:'}{' '}
					{!waiting.window && (
						<Anchor href={waiting.address} target="_blank" size="sm">
							the sign-in in a tab of its own
						</Anchor>
					)}
				</Text>
			)}
		</Stack>
	);
}
