// What came back: of a sign-in the way back first, then the reply of the token endpoint.
import { Alert, Anchor, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';

import { usePartition } from '../../api/hooks';
import { pathTo, withSearch } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { Code } from '../../parts/CopyField';
import { Icon } from '../../parts/icons';
import { rfc3339 } from '../../parts/moment';
import type { Realm } from '../../parts/names';
import { Stamp } from '../../parts/Stamp';
import type { Application, Parameters } from './flows';
import { Line } from './Line';
import { memberText, type Reply } from './send';

export interface Came {
	readonly realm: Realm;
	/** Of a sign-in: where the person was sent, and with what the browser came back. */
	readonly authorization?: { readonly address: string; readonly back: Readonly<Record<string, string>> };
	/** The request that the code went with. */
	readonly form?: Parameters;
	readonly address?: string;
	readonly reply?: Reply;
}

export function Answer({ came, application }: { came: Came; application: Application }) {
	return (
		<>
			{came.authorization !== undefined && <WayBack authorization={came.authorization} application={application} />}
			{came.form !== undefined && came.address !== undefined && (
				<Block title="Exchange of the code">
					<Line address={came.address} form={came.form} label="Exchange of the code as curl" />
				</Block>
			)}
			{came.reply !== undefined && <TokenReply reply={came.reply} />}
		</>
	);
}

function WayBack({ authorization: { address, back }, application }: { authorization: NonNullable<Came['authorization']>; application: Application }) {
	const partition = usePartition();
	const [since] = useState(() => rfc3339(new Date(Date.now() - 600_000)));
	const events = withSearch(pathTo(partition, 'security', 'audit'), { action: 'authorization.refused', actor: application.client_id, from: since });
	const said = Object.entries(back).map(([name, value]) => `${name}=${name === 'code' ? '••••••' : value}`);
	return (
		<Block title="Sign-in">
			<Stack gap="md">
				<Code label="Authorization request" wrap testId="authorization-request">
					{address}
				</Code>
				{back['error'] === undefined ? (
					<Text size="sm">The browser came back with a code, good once and for a minute.</Text>
				) : (
					<Wrong error={back['error']} sentence={back['error_description'] ?? ''} page={back['error_uri'] ?? null} events={events} />
				)}
				<Code label="What came back" wrap testId="came-back">
					{said.join('\n')}
				</Code>
			</Stack>
		</Block>
	);
}

function Wrong({ error, sentence, page, events }: { error: string; sentence: string; page: string | null; events: string | null }) {
	return (
		<Alert color="red" variant="light" title={error} icon={<Icon name="warning" />} role="alert" data-testid="refusal">
			<Text size="sm">{sentence}</Text>
			<Group gap="md" mt="xs">
				{page !== null && /^https?:\/\//.test(page) && (
					<Anchor size="sm" href={page} target="_blank" rel="noreferrer">
						What this means
					</Anchor>
				)}
				{events !== null && (
					<Anchor size="sm" component={Link} to={events} data-testid="audit-link">
						Its audit event: what arrived, what was registered, what to change
					</Anchor>
				)}
			</Group>
		</Alert>
	);
}

function TokenReply({ reply }: { reply: Reply }) {
	const partition = usePartition();
	const good = reply.status === 200;
	const events = reply.requestId === null ? null : withSearch(pathTo(partition, 'security', 'audit'), { request_id: reply.requestId });
	return (
		<Block title="Reply">
			<Stack gap="md" data-testid="reply">
				<Group gap="md">
					<Stamp tone={good ? 'good' : 'bad'} testId="status">
						{good ? '200 Token issued' : `${reply.status} Refused`}
					</Stamp>
					<Text size="sm" c="dimmed">
						{Math.round(reply.milliseconds)} ms
					</Text>
					{reply.requestId !== null && (
						<Text size="sm" c="dimmed">
							Request <span className="mono">{reply.requestId}</span>
						</Text>
					)}
				</Group>
				{!good && <Wrong error={memberText(reply, 'error') ?? `Status ${reply.status}`} sentence={memberText(reply, 'error_description') ?? 'The reply is no error of OAuth.'} page={memberText(reply, 'error_uri')} events={events} />}
				<Code label="Reply as it came" wrap testId="reply-body">
					{reply.body === null ? reply.text : JSON.stringify(reply.body, null, 2)}
				</Code>
			</Stack>
		</Block>
	);
}
