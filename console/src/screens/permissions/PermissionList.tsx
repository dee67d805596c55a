import { Text } from '@mantine/core';

import type { Schemas } from '../../api/client';
import { usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Block } from '../../parts/Block';
import { RowLink, type Column } from '../../parts/DataTable';
import { Dotted } from '../../parts/Dotted';
import { Filter } from '../../parts/Filter';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { Read } from '../../parts/states';
import { Table } from '../../parts/Table';
import { kindWords } from '../applications/words';

type Permission = Schemas['Permission'];

export const about = 'The scopes that client applications can have. One counts only where it is assigned to a client application and asked for in the request.';

export function kindSaid(kind: Permission['kind']): string {
	return kindWords.find((words) => words.kind === kind)?.short ?? 'By its name';
}

function useColumns(): readonly Column<Permission>[] {
	const partition = usePartition();
	return [
		{
			label: 'Name',
			cell: ({ name }) => (
				<span className="mono">
					<RowLink to={pathTo(partition, 'integration', 'permissions', name)}>
						<Dotted>{name}</Dotted>
					</RowLink>
				</span>
			),
		},
		{ label: 'Kind', cell: ({ kind }) => <span style={{ whiteSpace: 'nowrap' }}>{kindSaid(kind)}</span> },
		{ label: 'Description', cell: ({ description }) => description || '—' },
	];
}

export function PermissionList() {
	const partition = usePartition();
	const paging = usePaging(['kind']);
	const kind = paging.filter('kind') as Schemas['PermissionKind'] | undefined;
	const columns = useColumns();
	const list = useRead('/partitions/{partition}/permissions', { partition }, { cursor: paging.cursor, search: paging.search, kind }, { keep: true });
	// Those of the Admin API stand apart, below.
	const own = list.data === undefined ? undefined : { ...list.data, value: { ...list.data.value, items: list.data.value.items.filter(({ reserved }) => !reserved) } };
	return (
		<ListPage
			title="Permissions"
			about={about}
			plus={{ to: pathTo(partition, 'integration', 'new-permission'), label: 'New permission' }}
			testId="permissions"
			of={{ ...list, data: own }}
			paging={paging}
			searchLabel="Name begins with"
			filters={<Filter paging={paging} name="kind" label="Kind" all="All kinds" choices={kindWords.map((words) => [words.kind, words.short] as const)} />}
			rowKey={(permission) => permission.name}
			columns={columns}
			empty={{ title: 'No permissions', text: 'Import an API with "add them as permissions", or make one by hand.' }}
		>
			<Reserved columns={columns} />
		</ListPage>
	);
}

/** They exist in every partition and nobody can change them. */
function Reserved({ columns }: { columns: readonly Column<Permission>[] }) {
	const partition = usePartition();
	const delegated = useRead('/partitions/{partition}/permissions', { partition }, { search: 'writ.admin.' });
	const application = useRead('/partitions/{partition}/permissions', { partition }, { search: 'app.writ.admin.' });
	return (
		<Block title="Permissions of the Admin API" about="These exist in every partition and cannot be changed. They open this console and its API to administrators, and are never mixed with other permissions in one request.">
			<Read of={delegated}>
				{(first) => {
					const items = [...first.value.items, ...(application.data?.value.items ?? [])].filter(({ reserved }) => reserved);
					return items.length === 0 ? (
						<Text size="sm" c="dimmed">
							None.
						</Text>
					) : (
						<Table label="Permissions of the Admin API" testId="reserved-permissions" rows={items} rowKey={(permission) => permission.name} columns={columns} />
					);
				}}
			</Read>
		</Block>
	);
}
