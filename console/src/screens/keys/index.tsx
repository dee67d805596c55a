import { Button, Group, List, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition, useRead } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { Block } from '../../parts/Block';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { Code, CopyButton } from '../../parts/CopyField';
import { Page } from '../../parts/Page';
import { Stamp } from '../../parts/Stamp';
import { Empty, Read } from '../../parts/states';

type Key = Schemas['SigningKey'];
type Algorithm = Schemas['Algorithm'];

const algorithms: readonly { readonly algorithm: Algorithm; readonly about: string }[] = [
	{ algorithm: 'ES256', about: 'ECDSA on P-256: access tokens, unless the partition settings say RS256.' },
	{ algorithm: 'RS256', about: 'RSA: ID tokens, unless a client application says ES256; and access tokens of partitions that want it.' },
];

const states: Readonly<Record<Key['state'], { label: string; tone: 'good' | 'waiting' | 'plain'; about: string }>> = {
	active: { label: 'Signs', tone: 'good', about: 'New tokens are signed with it.' },
	next: { label: 'Comes next', tone: 'waiting', about: 'Published already, so that everybody knows it before it signs.' },
	retired: { label: 'Retired', tone: 'plain', about: 'Signs no more; published until the last token that it signed has expired.' },
};
const order: readonly Key['state'][] = ['active', 'next', 'retired'];

/** Programs may keep published keys for that long (Cache-Control of the key set): so long a key should be out before it signs. */
const KNOWN_AFTER_S = 300;

export default function SigningKeys() {
	const partition = usePartition();
	const keys = useRead('/partitions/{partition}/signing-keys', { partition });
	return (
		<Page title="Signing keys" about="What the tokens of this partition are signed with. Private keys never leave the server; the public ones are published for everybody who checks tokens.">
			<Read of={keys}>
				{({ value }) =>
					value.items.length === 0 ? (
						<Empty title="No keys yet">They are made when the first token is signed.</Empty>
					) : (
						<Stack gap="lg">
							{algorithms.map(({ algorithm, about }) => (
								<OfAlgorithm key={algorithm} algorithm={algorithm} about={about} keys={value.items.filter((key) => key.algorithm === algorithm)} />
							))}
						</Stack>
					)
				}
			</Read>
		</Page>
	);
}

function OfAlgorithm({ algorithm, about, keys }: { algorithm: Algorithm; about: string; keys: readonly Key[] }) {
	const mayManage = useMayManage();
	const [asked, setAsked] = useState(false);
	const sorted = [...keys].sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.created_at.localeCompare(one.created_at));
	const rotate = mayManage ? (
		<Button variant="default" onClick={() => setAsked(true)} data-testid={`rotate-${algorithm}`}>
			Rotate {algorithm}
		</Button>
	) : undefined;
	return (
		<Block title={algorithm} about={about} actions={rotate}>
			{sorted.length === 0 ? (
				<Text size="sm" c="dimmed">
					No keys yet.
				</Text>
			) : (
				<Stack gap="md">
					{sorted.map((key) => (
						<OneKey key={key.kid} held={key} />
					))}
				</Stack>
			)}
			<Rotation algorithm={algorithm} keys={keys} opened={asked} close={() => setAsked(false)} />
		</Block>
	);
}

function OneKey({ held }: { held: Key }) {
	const [shown, setShown] = useState(false);
	const { label, tone, about } = states[held.state];
	return (
		<div data-testid={`row-${held.kid}`} className="apart">
			<Group gap="xs" mb={4}>
				<Stamp tone={tone} testId="key-state">
					{label}
				</Stamp>
				<Text size="sm">{about}</Text>
			</Group>
			<Group gap={4} wrap="nowrap">
				<Text size="sm" className="mono" style={{ minWidth: 0 }}>
					{held.kid}
				</Text>
				<CopyButton value={held.kid} label="key id" />
			</Group>
			<Group gap="md">
				<Text size="sm" c="dimmed" component="div">
					Made <Ago at={held.created_at} />
				</Text>
				{held.published_until !== null && (
					<Text size="sm" c="dimmed" component="div">
						Published until <Ago at={held.published_until} />
					</Text>
				)}
				<Button size="compact-xs" variant="subtle" onClick={() => setShown(!shown)} aria-expanded={shown}>
					{shown ? 'Hide the public key' : 'Public key'}
				</Button>
			</Group>
			{shown && (
				<Code label={`Public key ${held.kid}`} wrap>
					{JSON.stringify(held.public_jwk, null, 2)}
				</Code>
			)}
		</div>
	);
}

function Rotation({ algorithm, keys, opened, close }: { algorithm: Algorithm; keys: readonly Key[]; opened: boolean; close: () => void }) {
	const partition = usePartition();
	const api = useApi();
	const changed = useChanged();
	return (
		<ConfirmNamed
			opened={opened}
			title={`Rotate ${algorithm}`}
			name=""
			verb="Rotate"
			close={close}
			act={async () => {
				const made = await api.create('/partitions/{partition}/signing-keys/rotations', { partition }, { algorithm, force: true });
				notifications.show({ message: `${algorithm}: ${made.value.kid} signs now.`, color: 'teal', autoClose: 6000 });
				await changed();
			}}
		>
			{opened && <WhatHappens keys={keys} />}
		</ConfirmNamed>
	);
}

function WhatHappens({ keys }: { keys: readonly Key[] }) {
	const [now] = useState(() => Date.now());
	const next = keys.find(({ state }) => state === 'next');
	const active = keys.find(({ state }) => state === 'active');
	const young = next !== undefined && (now - new Date(next.created_at).getTime()) / 1000 < KNOWN_AFTER_S;
	return (
		<Stack gap="xs" data-testid="what-happens">
			<List size="sm" spacing={6}>
				<List.Item>
					The key that comes next{next !== undefined && <Kid kid={next.kid} />} signs from now on.
				</List.Item>
				<List.Item>
					The key that signs now{active !== undefined && <Kid kid={active.kid} />} is retired. It stays published until the last token that it signed has expired: all tokens stay good.
				</List.Item>
				<List.Item>A new key is made and published, to come next.</List.Item>
			</List>
			<Text size="sm">Programs that read the published keys need nothing done. It cannot be taken back, but can be done again.</Text>
			{young && (
				<Text size="sm" fw={600} data-testid="young-key">
					The key that comes next was made less than five minutes ago. Programs may keep published keys for as long, and refuse new tokens until they read them again.
				</Text>
			)}
		</Stack>
	);
}

function Kid({ kid }: { kid: string }) {
	return (
		<>
			{' '}
			(<span className="mono">{kid}</span>)
		</>
	);
}
