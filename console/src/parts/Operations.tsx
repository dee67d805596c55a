// Operations of the protected APIs, and in words who may call each: any one of the lines suffices.
import { Anchor, Badge, Group, Text } from '@mantine/core';
import { Link } from 'react-router';

import type { Schemas } from '../api/client';
import { usePartition } from '../api/hooks';
import { pathTo } from '../layout/sections';
import { DataTable, type DataTableProps } from './DataTable';
import { Dotted } from './Dotted';
import type { Paging } from './paging';
import { actorSaid } from './words';

type Operation = Schemas['Operation'];

interface OperationsProps {
	of: DataTableProps<Operation>['of'];
	paging: Paging;
	/** Say which API each is of. */
	withApi: boolean;
	/** Absent: no search. */
	searchLabel?: string;
	empty: { title: string; text?: string };
}

export function Operations({ of, paging, withApi, searchLabel, empty }: OperationsProps) {
	return (
		<DataTable
			label="Operations"
			testId="operations"
			of={of}
			paging={paging}
			{...(searchLabel === undefined ? {} : { searchLabel })}
			rowKey={(operation) => `${operation.api} ${operation.method} ${operation.path}`}
			columns={[
				{ label: 'Operation', cell: (operation) => <Called operation={operation} withApi={withApi} /> },
				{ label: 'Who may call it', cell: (operation) => <Alternatives operation={operation} /> },
			]}
			empty={empty}
		/>
	);
}

function Called({ operation, withApi }: { operation: Operation; withApi: boolean }) {
	const partition = usePartition();
	return (
		<>
			<Group gap={6} align="baseline">
				<Badge variant="default" radius="sm" tt="uppercase">
					{operation.method}
				</Badge>
				<span className="mono">{operation.path}</span>
			</Group>
			{operation.summary !== null && operation.summary !== '' && (
				<Text size="xs" c="dimmed">
					{operation.summary}
				</Text>
			)}
			{withApi && (
				<Text size="xs" c="dimmed" mt={4}>
					API{' '}
					<Anchor component={Link} size="xs" to={pathTo(partition, 'integration', 'apis', operation.api)}>
						{operation.api}
					</Anchor>
				</Text>
			)}
		</>
	);
}

function Alternatives({ operation }: { operation: Operation }) {
	if (operation.alternatives.length === 0)
		return (
			<Text size="sm" c="dimmed">
				Nobody: it is closed.
			</Text>
		);
	return (
		<ul style={{ margin: 0, paddingInlineStart: '1.1rem' }}>
			{operation.alternatives.map((alternative) => (
				<li key={`${alternative.actor} ${alternative.scopes.join(' ')}`}>
					{actorSaid[alternative.actor]}
					<Scopes scopes={alternative.scopes} />
				</li>
			))}
		</ul>
	);
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
	const partition = usePartition();
	if (scopes.length === 0) return <>; no permission is needed</>;
	return (
		<>
			{scopes.map((scope, index) => (
				<span key={scope}>
					{index === 0 ? ', with ' : ' and '}
					{scope === '.default' ? (
						'any application permission'
					) : (
						<Anchor component={Link} size="sm" className="mono" to={pathTo(partition, 'integration', 'permissions', scope)}>
							<Dotted>{scope}</Dotted>
						</Anchor>
					)}
				</span>
			))}
		</>
	);
}
