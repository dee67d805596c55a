import { Button, Text } from '@mantine/core';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition, useRead } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { DataTable, type Column } from '../../parts/DataTable';
import { PersonName } from '../../parts/names';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { RealmFilters, realmOf } from '../../parts/RealmFilters';
import { browserSaid } from './browser';

type Session = Schemas['Session'];

/** Where people are signed in, of one realm at a time. */
export default function Sessions() {
	const partition = usePartition();
	const mayManage = useMayManage();
	const paging = usePaging(['person_id']);
	const realm = realmOf(paging);
	const person = paging.filter('person_id');
	const [ending, setEnding] = useState<Session | null>(null);
	const list = useRead('/partitions/{partition}/sessions', { partition }, { realm, person_id: person, cursor: paging.cursor, limit: 25 }, { keep: true });
	const columns: Column<Session>[] = [
		{ label: 'Who', cell: (session) => <PersonName realm={session.realm} id={session.person_id} /> },
		{ label: 'Browser', cell: (session) => <span title={session.user_agent}>{browserSaid(session.user_agent)}</span> },
		{ label: 'Address', cell: (session) => <span className="mono whole">{session.address === '' ? '—' : session.address}</span> },
		{ label: 'Signed in', cell: (session) => <Ago at={session.auth_time} /> },
		{ label: 'Last used', cell: (session) => <Ago at={session.last_used_at} /> },
		{ label: 'Ends', cell: (session) => <Ago at={session.expires_at} /> },
	];
	if (mayManage)
		columns.push({
			label: '',
			align: 'end',
			cell: (session) => (
				<Button size="compact-sm" variant="default" onClick={() => setEnding(session)} aria-label={`End the session at ${session.address}`} data-testid={`end-${session.sid}`}>
					End
				</Button>
			),
		});

	return (
		<Page title="Sessions" about="Browsers in which somebody is signed in.">
			<DataTable
				label={realm === 'user' ? 'Sessions of users' : 'Sessions of customers'}
				testId="sessions"
				of={list}
				paging={paging}
				rowKey={(session) => session.sid}
				columns={columns}
				filters={<RealmFilters realm={realm} paging={paging} />}
				empty={{ title: 'Nobody is signed in', text: realm === 'user' ? 'No user of this partition has a session now.' : 'No customer of this partition has a session now.' }}
			/>
			<EndSession session={ending} close={() => setEnding(null)} />
		</Page>
	);
}

function EndSession({ session, close }: { session: Session | null; close: () => void }) {
	const partition = usePartition();
	const api = useApi();
	const changed = useChanged();
	return (
		<ConfirmNamed
			opened={session !== null}
			title="End this session"
			name=""
			verb="End the session"
			close={close}
			act={async () => {
				if (session === null) return;
				await api.remove('/partitions/{partition}/sessions/{sid}', { partition, sid: session.sid }, null, { realm: session.realm });
				await changed();
			}}
		>
			{session !== null && (
				<>
					<PersonName inText realm={session.realm} id={session.person_id} /> has to sign in again in {browserSaid(session.user_agent)}. Client applications that were given access there lose it at
					once, unless it was given for offline use (offline_access).
					<Text size="sm" c="dimmed" mt="xs" component="div">
						Session <span className="mono">{session.sid}</span>
					</Text>
				</>
			)}
		</ConfirmNamed>
	);
}
