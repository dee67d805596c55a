// Which operations of the catalogue this token may call, and why: decided by the same code as the gateway's. The token goes along in each
// question, so nothing of it is in a query's cache.
import { Alert, Button, Group, List, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useEffect, useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, usePartition } from '../../api/hooks';
import { Block } from '../../parts/Block';
import { Icon } from '../../parts/icons';
import { Stamp } from '../../parts/Stamp';
import { Empty, Failed, Loading } from '../../parts/states';
import { actorSaid } from '../../parts/words';

type Decisions = Schemas['Decisions'];
type Decision = Schemas['Decision'];
const PATH = '/partitions/{partition}/decisions';
const LIMIT = 50;

interface State {
	/** What was asked; an answer to something else is not shown. */
	readonly search: string;
	readonly token: Decisions['token'] | null;
	readonly items: readonly Decision[];
	readonly next: string | null;
	readonly error: unknown;
	readonly busy: boolean;
}

const nothing: State = { search: '', token: null, items: [], next: null, error: null, busy: true };

export function Calls({ token }: { token: string }) {
	const api = useApi();
	const partition = usePartition();
	const [sought, setSought] = useState('');
	const [search] = useDebouncedValue(sought.trim(), 250);
	const [state, setState] = useState<State>(nothing);
	const [again, setAgain] = useState(0);

	useEffect(() => {
		let over = false;
		api.create(PATH, { partition }, { access_token: token }, { search, limit: LIMIT }).then(
			({ value }) => over || setState({ search, token: value.token, items: value.items, next: value.next, error: null, busy: false }),
			(error: unknown) => over || setState({ ...nothing, search, error, busy: false }),
		);
		return () => {
			over = true;
		};
	}, [api, partition, token, search, again]);

	async function more() {
		const { next } = state;
		if (next === null || state.busy) return;
		setState({ ...state, busy: true });
		try {
			const { value } = await api.create(PATH, { partition }, { access_token: token }, { search: state.search, limit: LIMIT, cursor: next });
			setState((before) => (before.search === state.search ? { ...before, items: [...before.items, ...value.items], next: value.next, error: null, busy: false } : before));
		} catch (error) {
			setState((before) => ({ ...before, error, busy: false }));
		}
	}

	const waiting = state.busy || state.search !== search;
	return (
		<Block title="What this token may call" about="Each operation of the partition’s APIs, decided as the gateway decides it, now.">
			<Stack gap="md" data-testid="calls">
				{state.token?.live === false && (
					<Alert color="yellow" variant="light" title="The token is not good" icon={<Icon name="warning" />}>
						{state.token.why}
					</Alert>
				)}
				<OneCall token={token} />
				<TextInput
					type="search"
					label="Search by path"
					placeholder="Beginning of a path"
					leftSection={<Icon name="search" size={16} />}
					value={sought}
					onChange={(event) => setSought(event.currentTarget.value)}
					maw="28rem"
					data-testid="calls-search"
				/>
				{state.error !== null && <Failed error={state.error} retry={() => setAgain(again + 1)} />}
				{state.items.length > 0 ? (
					<Operations items={state.items} stale={waiting} />
				) : waiting ? (
					<Loading />
				) : state.error !== null ? null : search !== '' ? (
					<Empty title="Nothing fits" />
				) : (
					<Empty title="No operations">No API of this partition is imported yet.</Empty>
				)}
				{state.next !== null && (
					<div>
						<Button variant="default" size="sm" loading={state.busy} onClick={() => void more()} data-testid="calls-more">
							Show more
						</Button>
					</div>
				)}
			</Stack>
		</Block>
	);
}

function Operations({ items, stale }: { items: readonly Decision[]; stale: boolean }) {
	return (
		<table className="data" role="table" aria-label="What this token may call" data-stale={stale ? '' : undefined}>
			<thead role="rowgroup">
				<tr role="row">
					{['Operation', 'May it?', 'Why'].map((label) => (
						<th role="columnheader" scope="col" key={label}>
							{label}
						</th>
					))}
				</tr>
			</thead>
			<tbody role="rowgroup">
				{items.map((decision) => (
					<tr role="row" key={`${decision.api ?? ''} ${decision.method} ${decision.path}`} data-testid={`row-${decision.method} ${decision.path}`}>
						<td role="cell" data-label="Operation">
							<div style={{ minWidth: 0 }}>
								<span className="mono">
									<strong>{decision.method}</strong> {decision.path}
								</span>
								<Text size="xs" c="dimmed">
									{[decision.api, decision.operation_id].filter((word) => word !== null && word !== '').join(' · ')}
								</Text>
							</div>
						</td>
						<td role="cell" data-label="May it?">
							<div>
								<Verdict allowed={decision.allowed} />
							</div>
						</td>
						<td role="cell" data-label="Why">
							<Why decision={decision} />
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Verdict({ allowed }: { allowed: boolean }) {
	return (
		<Stamp tone={allowed ? 'good' : 'bad'} testId="verdict">
			{allowed ? 'Yes' : 'No'}
		</Stamp>
	);
}

function Why({ decision }: { decision: Decision }) {
	return (
		<div style={{ minWidth: 0 }}>
			<Text size="sm">{decision.sentence}</Text>
			{!decision.allowed && decision.needs.length > 0 && (
				<details>
					<summary>Who may</summary>
					<List size="sm" mt={4}>
						{decision.needs.map((alternative, index) => (
							<List.Item key={index}>
								{actorSaid[alternative.actor]}
								{alternative.scopes.length > 0 && (
									<>
										, with <span className="mono">{alternative.scopes.join(' and ')}</span>
									</>
								)}
							</List.Item>
						))}
					</List>
				</details>
			)}
		</div>
	);
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** One call as it would be sent, with values in its path. */
function OneCall({ token }: { token: string }) {
	const api = useApi();
	const partition = usePartition();
	const [method, setMethod] = useState('GET');
	const [path, setPath] = useState('');
	const [answer, setAnswer] = useState<{ asked: string; decision: Decision | null } | null>(null);
	const [error, setError] = useState<unknown>(null);
	const [busy, setBusy] = useState(false);

	async function ask() {
		if (path.trim() === '' || busy) return;
		setBusy(true);
		setError(null);
		setAnswer(null);
		try {
			const { value } = await api.create(PATH, { partition }, { access_token: token, method, path: path.trim() });
			setAnswer({ asked: `${method} ${path.trim()}`, decision: value.items[0] ?? null });
		} catch (thrown) {
			setError(thrown);
		}
		setBusy(false);
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				void ask();
			}}
		>
			<Stack gap="xs">
				<Group gap="sm" align="flex-end">
					<NativeSelect label="Method" value={method} onChange={(event) => setMethod(event.currentTarget.value)} data={methods} data-testid="call-method" />
					<TextInput label="A call, as it would be sent" placeholder="/knowledge/…" value={path} onChange={(event) => setPath(event.currentTarget.value)} spellCheck={false} autoCapitalize="off" autoComplete="off" style={{ flex: '1 1 14rem', maxWidth: '32rem' }} data-testid="call-path" />
					<Button type="submit" variant="default" loading={busy} disabled={path.trim() === ''} data-testid="call-ask">
						Ask
					</Button>
				</Group>
				{error !== null && <Failed error={error} />}
				{answer !== null && (
					<Group gap="sm" align="flex-start" role="status" data-testid="call-answer">
						<Verdict allowed={answer.decision?.allowed === true} />
						<div style={{ minWidth: 0, flex: 1 }}>
							<Text size="sm" className="mono">
								{answer.asked}
							</Text>
							{answer.decision === null ? <Text size="sm">There is no such operation.</Text> : <Why decision={answer.decision} />}
						</div>
					</Group>
				)}
			</Stack>
		</form>
	);
}
