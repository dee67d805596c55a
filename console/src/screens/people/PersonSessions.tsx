import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, useRead } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { DataTable } from '../../parts/DataTable';
import { usePaging } from '../../parts/paging';
import { browserSaid } from '../sessions/browser';
import { nameOf, usePeople, type Kind, type Person } from './kind';

type Session = Schemas['Session'];

export function PersonSessions({ kind, person }: { kind: Kind; person: Person }) {
	const { partition } = usePeople(kind);
	const paging = usePaging();
	const api = useApi();
	const changed = useChanged();
	const mayManage = useMayManage();
	const at = { partition, id: person.id };
	const list = useRead(kind.sessions, at, { cursor: paging.cursor }, { keep: true });
	const [ending, setEnding] = useState<Session | 'all' | null>(null);
	const any = (list.data?.value.items.length ?? 0) > 0;

	async function end(what: Session | 'all') {
		if (what === 'all') await api.remove(kind.sessions, at);
		else await api.remove('/partitions/{partition}/sessions/{sid}', { partition, sid: what.sid }, null, { realm: what.realm });
		await changed();
	}

	return (
		<>
			<Group justify="space-between" mb="sm" gap="sm">
				<Text size="sm" c="dimmed">
					The browsers in which {nameOf(person)} is signed in.
				</Text>
				{mayManage && any && (
					<Button variant="default" onClick={() => setEnding('all')} data-testid="end-all">
						End all sessions
					</Button>
				)}
			</Group>
			<DataTable
				label="Sessions"
				testId="sessions"
				of={list}
				paging={paging}
				rowKey={(session) => session.sid}
				columns={[
					{ label: 'Browser', cell: (session) => <span title={session.user_agent}>{browserSaid(session.user_agent)}</span> },
					{ label: 'Address', cell: (session) => <span className="mono whole">{session.address}</span> },
					{ label: 'Signed in', cell: (session) => <Ago at={session.auth_time} /> },
					{ label: 'Last used', cell: (session) => <Ago at={session.last_used_at} /> },
					{ label: 'Ends', cell: (session) => <Ago at={session.expires_at} /> },
					{
						label: '',
						align: 'end',
						cell: (session) =>
							mayManage && (
								<Button variant="default" size="compact-sm" onClick={() => setEnding(session)} aria-label={`End the session at ${session.address}`} data-testid="end-session">
									End
								</Button>
							),
					},
				]}
				empty={{ title: 'No sessions', text: `${nameOf(person)} is signed in nowhere.` }}
			/>
			<ConfirmNamed
				opened={ending !== null}
				close={() => setEnding(null)}
				title={ending === 'all' ? 'End all sessions' : 'End this session'}
				name=""
				verb={ending === 'all' ? 'End all sessions' : 'End session'}
				act={() => (ending === null ? Promise.resolve() : end(ending))}
			>
				{ending === 'all' ? 'Every browser is signed out.' : 'This browser is signed out.'} Who uses it has to give the password again. Client applications that hold a refresh token keep it: see Connected applications.
			</ConfirmNamed>
		</>
	);
}
