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
import { Table } from '../../parts/Table';
import { useAct } from '../../parts/useAct';
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
		const stop = new AbortController();
		api.create(PATH, { partition }, { access_token: token }, { search, limit: LIMIT }, stop.signal).then(
			({ value }) => stop.signal.aborted || setState({ search, token: value.token, items: value.items, next: value.next, error: null, busy: false }),
			(error: unknown) => stop.signal.aborted || setState({ ...nothing, search, error, busy: false }),
		);
		return () => stop.abort();
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
		<Table
			label="What this token may call"
			rows={items}
			rowKey={(decision) => `${decision.api ?? ''} ${decision.method} ${decision.path}`}
			rowTest={(decision) => `row-${decision.method} ${decision.path}`}
			stale={stale}
			columns={[
				{ label: 'Operation', cell: (decision) => <Called decision={decision} /> },
				{ label: 'May it?', cell: (decision) => <Verdict allowed={decision.allowed} /> },
				{ label: 'Why', cell: (decision) => <Why decision={decision} /> },
			]}
		/>
	);
}

function Called({ decision }: { decision: Decision }) {
	return (
		<>
			<span className="mono">
				<strong>{decision.method}</strong> {decision.path}
			</span>
			<Text size="xs" c="dimmed">
				{[decision.api, decision.operation_id].filter((word) => word !== null && word !== '').join(' · ')}
			</Text>
		</>
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
	const act = useAct();

	async function ask() {
		const asked = path.trim();
		setAnswer(null);
		const { value } = await api.create(PATH, { partition }, { access_token: token, method, path: asked });
		setAnswer({ asked: `${method} ${asked}`, decision: value.items[0] ?? null });
	}

	return (
		<form
			onSubmit={(event) => {
				event.preventDefault();
				if (path.trim() !== '') void act.run(ask);
			}}
		>
			<Stack gap="xs">
				<Group gap="sm" align="flex-end">
					<NativeSelect label="Method" value={method} onChange={(event) => setMethod(event.currentTarget.value)} data={methods} data-testid="call-method" />
					<TextInput label="A call, as it would be sent" placeholder="/knowledge/…" value={path} onChange={(event) => setPath(event.currentTarget.value)} spellCheck={false} autoCapitalize="off" autoComplete="off" style={{ flex: '1 1 14rem', maxWidth: '32rem' }} data-testid="call-path" />
					<Button type="submit" variant="default" loading={act.busy} disabled={path.trim() === ''} data-testid="call-ask">
						Ask
					</Button>
				</Group>
				{act.error !== null && <Failed error={act.error} />}
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
