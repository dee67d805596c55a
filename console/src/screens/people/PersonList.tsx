import { Text } from '@mantine/core';

import { useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { RowLink, type Column } from '../../parts/DataTable';
import { Dotted } from '../../parts/Dotted';
import { Enabled } from '../../parts/Enabled';
import { EnabledFilter, enabledIn, Filter } from '../../parts/Filter';
import { ListPage } from '../../parts/ListPage';
import { usePaging, type Paging } from '../../parts/paging';
import { loginOf, nameOf, usePeople, type Kind, type Person } from './kind';
import { roleSaid } from './roles';

export function PersonList({ kind }: { kind: Kind }) {
	const { partition, to } = usePeople(kind);
	const isUsers = kind.realm === 'user';
	const paging = usePaging(isUsers ? ['enabled', 'department', 'role'] : ['enabled']);
	const narrowed = isUsers ? { department: paging.filter('department'), role: paging.filter('role') } : {};
	const query = { cursor: paging.cursor, search: paging.search, enabled: enabledIn(paging), ...narrowed };
	const list = useRead(kind.list, { partition }, query, { keep: true });
	const title = isUsers ? 'Users' : 'Customers';

	const name: Column<Person> = {
		label: isUsers ? 'Username' : 'E-mail',
		cell: (person) => (
			<>
				<RowLink to={to(person.id)}>{loginOf(person)}</RowLink>
				{nameOf(person) !== loginOf(person) && (
					<Text size="xs" c="dimmed">
						{nameOf(person)}
					</Text>
				)}
			</>
		),
	};
	const ofUsers: readonly Column<Person>[] = [
		{ label: 'E-mail', cell: (person) => <Dotted>{person.email || '—'}</Dotted> },
		{ label: 'Department', cell: (person) => person.department ?? 'Partition' },
		{ label: 'Roles', cell: (person) => <span className="whole">{(person.roles ?? []).map(roleSaid).join(', ') || '—'}</span> },
	];
	return (
		<ListPage
			title={title}
			about={kind.about}
			plus={{ to: pathTo(partition, 'people', `new-${kind.one}`), label: `New ${kind.one}` }}
			testId={kind.key}
			of={list}
			paging={paging}
			searchLabel={isUsers ? 'Username, e-mail or ID begins with' : 'E-mail or ID begins with'}
			filters={
				<>
					<EnabledFilter paging={paging} />
					{isUsers && <UserFilters paging={paging} partition={partition} />}
				</>
			}
			rowKey={(person) => person.id}
			columns={[name, ...(isUsers ? ofUsers : []), { label: 'ID', cell: (person) => <Id id={person.id} /> }, { label: 'State', cell: (person) => <Enabled enabled={person.enabled} /> }]}
			empty={{ title: `No ${kind.many}`, text: isUsers ? 'Users sign in with a username and a password.' : 'Customers sign in with their e-mail and a password.' }}
		/>
	);
}

/** Short ones stay whole; a UUID may break. */
function Id({ id }: { id: string }) {
	return (
		<span className="mono" style={{ display: 'inline-block', minWidth: `${Math.min(id.length, 12)}ch` }}>
			{id}
		</span>
	);
}

function UserFilters({ paging, partition }: { paging: Paging; partition: string }) {
	const departments = useRead('/partitions/{partition}/departments', { partition }, { limit: 200 });
	const names = departments.data?.value.items.map(({ name }) => [name, name] as const) ?? [];
	const roles = ['partition_administrator', ...(partition === 'SYSTEM' ? ['system_administrator'] : [])];
	return (
		<>
			<Filter paging={paging} name="department" label="Department" all="All departments" choices={names} />
			<Filter paging={paging} name="role" label="Role" all="All roles" choices={roles.map((role) => [role, roleSaid(role)] as const)} />
		</>
	);
}
