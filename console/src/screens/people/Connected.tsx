import { Button, Text } from '@mantine/core';
import { useState } from 'react';

import { useApi, useChanged, useMayManage, useRead } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { DataTable } from '../../parts/DataTable';
import { ApplicationName } from '../../parts/names';
import { usePaging } from '../../parts/paging';
import { ScopeList } from '../../parts/ScopeList';
import { nameOf, usePeople, type Kind, type Person } from './kind';

/** The client applications that may act for the person. */
export function Connected({ kind, person }: { kind: Kind; person: Person }) {
	const { partition } = usePeople(kind);
	const paging = usePaging();
	const api = useApi();
	const changed = useChanged();
	const mayManage = useMayManage();
	const at = { partition, id: person.id };
	const list = useRead(kind.applications, at);
	const [leaving, setLeaving] = useState<string | null>(null);
	return (
		<>
			<Text size="sm" c="dimmed" mb="sm">
				What {nameOf(person)} signed in to and allowed.
			</Text>
			<DataTable
				label="Connected applications"
				testId="connected"
				of={list}
				paging={paging}
				rowKey={(application) => application.client_id}
				columns={[
					{ label: 'Client application', cell: (application) => <ApplicationName id={application.client_id} /> },
					{
						label: 'Allowed',
						cell: (application) => <ScopeList scope={application.scope} />,
					},
					{ label: 'Since', cell: (application) => <Ago at={application.since} /> },
					{ label: 'Last used', cell: (application) => <Ago at={application.last_used_at} /> },
					{ label: 'While away', cell: (application) => (application.offline ? 'yes, by refresh token' : 'no') },
					{
						label: '',
						align: 'end',
						cell: (application) =>
							mayManage && (
								<Button variant="default" size="compact-sm" onClick={() => setLeaving(application.client_id)} aria-label={`Disconnect ${application.client_id}`} data-testid="disconnect">
									Disconnect
								</Button>
							),
					},
				]}
				empty={{ title: 'No connected applications', text: `${nameOf(person)} allowed nothing to any client application.` }}
			/>
			<ConfirmNamed
				opened={leaving !== null}
				close={() => setLeaving(null)}
				title="Disconnect client application"
				name=""
				verb="Disconnect"
				act={async () => {
					if (leaving === null) return;
					await api.remove(kind.application, { ...at, client_id: leaving });
					await changed();
				}}
			>
				What was allowed is withdrawn, and its tokens for {nameOf(person)} stop working at once. The person can allow it again.
			</ConfirmNamed>
		</>
	);
}
