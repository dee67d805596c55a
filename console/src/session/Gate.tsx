// What is shown to somebody who is not signed in, or not as an administrator.
import { Button, Card, Center, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';

import { Problem } from '../api/problem';
import { Failed } from '../parts/states';
import { BASE, isPartitionId, readConfiguration, type Configuration } from './configuration';
import { Session, SignInRefused } from './session';

function Sheet({ title, children }: { title: string; children: ReactNode }) {
	return (
		<Center mih="100vh" p="md" component="main">
			<Card withBorder padding="xl" w="100%" maw={460} shadow="sm">
				<Stack>
					<Group gap="xs">
						<img src={`${BASE}/favicon.svg`} alt="" width={28} height={28} />
						<Text fw={650}>Administration Console</Text>
					</Group>
					<Title order={1} size="h3">
						{title}
					</Title>
					{children}
				</Stack>
			</Card>
		</Center>
	);
}

/** Which partition? Or, after signing out: again? */
export function Asking({ configuration, suggestion, signedOut }: { configuration: Configuration; suggestion: string | null; signedOut: boolean }) {
	const [partition, setPartition] = useState(suggestion ?? '');
	const [error, setError] = useState<unknown>(null);
	const good = isPartitionId(partition);

	function signIn() {
		if (!good) return;
		setError(null);
		new Session(configuration, partition).signIn({ goTo: `${BASE}/` }).catch(setError);
	}

	return (
		<Sheet title={signedOut ? 'You are signed out' : 'Sign in'}>
			<form
				onSubmit={(event) => {
					event.preventDefault();
					signIn();
				}}
			>
				<Stack>
					<TextInput
						label="Partition"
						description="System administrators sign in at SYSTEM."
						value={partition}
						onChange={(event) => setPartition(event.currentTarget.value.trim())}
						error={partition !== '' && !good ? 'A partition is letters, digits and underscores.' : undefined}
						spellCheck={false}
						autoCapitalize="off"
						data-testid="sign-in-partition"
					/>
					{error !== null && <Failed error={new Problem(0, 'No sign-in there', `There is no partition ${partition}, or the server cannot be reached.`, {}, null, null)} />}
					<Button type="submit" disabled={!good} data-testid="sign-in">
						Sign in
					</Button>
				</Stack>
			</form>
		</Sheet>
	);
}

/** Signed in, but nobody who administers; or the sign-in itself went wrong. */
export function Refused({ error }: { error: unknown }) {
	const refused = error instanceof SignInRefused ? error : null;
	const partition = refused?.partition ?? null;

	async function again() {
		const configuration = await readConfiguration();
		if (partition !== null) await new Session(configuration, partition).signIn({ goTo: `${BASE}/`, again: true });
	}

	if (refused?.isNoAdministrator === true)
		return <NoAdministrator partition={refused.partition} sentence={refused.message} again={() => void again()} />;
	return (
		<Sheet title="Not signed in">
			<Failed error={refused === null ? error : new Problem(0, 'The sign-in did not succeed', refused.message, {}, null, null)} />
			<Group>
				<Button component="a" href={`${BASE}/`}>
					Sign in again
				</Button>
			</Group>
		</Sheet>
	);
}

export function NoAdministrator({ partition, sentence, again, signOut }: { partition: string; sentence: string; again: () => void; signOut?: () => void }) {
	return (
		<Sheet title="You are no administrator here">
			<Text data-testid="no-administrator">
				Your account at {partition} may not use the Administration Console. Ask somebody who administers the partition for the role{' '}
				{partition === 'SYSTEM' ? 'system_administrator' : 'partition_administrator'}, or sign in as somebody else.
			</Text>
			<Text size="sm" c="dimmed">
				{sentence}
			</Text>
			<Group>
				<Button onClick={again} data-testid="sign-in-else">
					Sign in as somebody else
				</Button>
				{signOut !== undefined && (
					<Button variant="default" onClick={signOut}>
						Sign out
					</Button>
				)}
			</Group>
		</Sheet>
	);
}
