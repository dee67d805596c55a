import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';

import type { Schemas } from '../../api/client';
import { useApi, useChanged, useMayManage, usePartition, useRead } from '../../api/hooks';
import { Ago } from '../../parts/Ago';
import { ConfirmNamed } from '../../parts/ConfirmNamed';
import { DataTable, type Column } from '../../parts/DataTable';
import { ApplicationName, PersonName } from '../../parts/names';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { ApplicationPick } from '../../parts/Pick';
import { RealmFilters, realmOf } from '../../parts/RealmFilters';
import { ScopeList } from '../../parts/ScopeList';
import { Stamp } from '../../parts/Stamp';

type Grant = Schemas['Grant'];

/** What people allowed client applications, one sign-in each. */
export default function Grants() {
	const partition = usePartition();
	const mayManage = useMayManage();
	const paging = usePaging(['person_id', 'client_id']);
	const realm = realmOf(paging);
	const [ending, setEnding] = useState<Grant | null>(null);
	const list = useRead(
		'/partitions/{partition}/grants',
		{ partition },
		{ realm, person_id: paging.filter('person_id'), client_id: paging.filter('client_id'), cursor: paging.cursor, limit: 25 },
		{ keep: true },
	);
	const columns: Column<Grant>[] = [
		{ label: 'Who', cell: (grant) => <PersonName realm={grant.realm} id={grant.person_id} /> },
		{ label: 'Client application', cell: (grant) => <ApplicationName id={grant.client_id} /> },
		{ label: 'Allowed', cell: (grant) => <ScopeList scope={grant.scope} /> },
		{ label: 'Since', cell: (grant) => <Ago at={grant.granted_at} /> },
		{ label: 'Last used', cell: (grant) => <Ago at={grant.last_used_at} never="not known" /> },
		{ label: 'Ends', cell: (grant) => <Ending grant={grant} /> },
	];
	if (mayManage)
		columns.push({
			label: '',
			align: 'end',
			cell: (grant) => (
				<Button size="compact-sm" variant="default" onClick={() => setEnding(grant)} aria-label={`End the grant to ${grant.client_id}`} data-testid={`end-${grant.gid}`}>
					End
				</Button>
			),
		});

	return (
		<Page title="Grants" about="What people allowed client applications: each sign-in to an application is a grant, and its access and refresh tokens are parts of it.">
			<DataTable
				label={realm === 'user' ? 'Grants of users' : 'Grants of customers'}
				testId="grants"
				of={list}
				paging={paging}
				rowKey={(grant) => grant.gid}
				columns={columns}
				filters={
					<>
						<RealmFilters realm={realm} paging={paging} />
						<ApplicationPick
							label="Client application"
							placeholder="All client applications"
							value={paging.filter('client_id')}
							choose={(id) => paging.narrow('client_id', id)}
							testId="filter-application"
						/>
					</>
				}
				empty={{ title: 'No grants', text: 'Nothing that anybody allowed a client application is good at present.' }}
			/>
			<EndGrant grant={ending} close={() => setEnding(null)} />
		</Page>
	);
}

/** Until when something of it can be used, and by what. */
function Ending({ grant }: { grant: Grant }) {
	return (
		<Group gap={6}>
			<Ago at={grant.expires_at} />
			{grant.refreshable && <Stamp tone="plain">{grant.offline ? 'Refreshed, also offline' : 'Refreshed'}</Stamp>}
		</Group>
	);
}

function EndGrant({ grant, close }: { grant: Grant | null; close: () => void }) {
	const partition = usePartition();
	const api = useApi();
	const changed = useChanged();
	return (
		<ConfirmNamed
			opened={grant !== null}
			title="End this grant"
			name=""
			verb="End the grant"
			close={close}
			act={async () => {
				if (grant === null) return;
				await api.remove('/partitions/{partition}/grants/{gid}', { partition, gid: grant.gid }, null, { realm: grant.realm });
				await changed();
			}}
		>
			{grant !== null && (
				<>
					All access and refresh tokens that <ApplicationName inText id={grant.client_id} /> has from this sign-in of <PersonName inText realm={grant.realm} id={grant.person_id} /> are refused from now on.
					The person stays signed in, and the application may ask again.
					<Text size="sm" c="dimmed" mt="xs" component="div">
						Grant <span className="mono">{grant.gid}</span>
					</Text>
				</>
			)}
		</ConfirmNamed>
	);
}
