import { Group } from '@mantine/core';

import { useMayManage, usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { CopyButton } from '../../parts/CopyField';
import { DataTable, RowLink, type Column } from '../../parts/DataTable';
import { Enabled } from '../../parts/Enabled';
import { Filter } from '../../parts/Filter';
import { Page } from '../../parts/Page';
import { usePaging } from '../../parts/paging';
import { Plus } from '../../parts/Plus';
import { platformWords, type Application } from './words';

const columns = (partition: string): readonly Column<Application>[] => [
	{ label: 'Name', cell: (application) => <RowLink to={pathTo(partition, 'integration', 'client-applications', application.client_id)}>{application.name}</RowLink> },
	{
		label: 'Client ID',
		cell: (application) => (
			<Group gap={4} wrap="nowrap">
				<span className="mono whole">{application.client_id}</span>
				<CopyButton value={application.client_id} label={`Client ID of ${application.name}`} />
			</Group>
		),
	},
	{ label: 'Platform', cell: (application) => platformWords[application.platform] },
	{ label: 'Permissions', cell: (application) => application.permissions.length, align: 'end' },
	{ label: 'State', cell: (application) => <Enabled enabled={application.enabled} /> },
];

function truthOf(text: string | undefined): boolean | undefined {
	return text === undefined ? undefined : text === 'true';
}

export default function ApplicationList() {
	const partition = usePartition();
	const paging = usePaging(['platform', 'enabled']);
	const platform = paging.filter('platform') as Application['platform'] | undefined;
	const enabled = truthOf(paging.filter('enabled'));
	const list = useRead('/partitions/{partition}/client-applications', { partition }, { cursor: paging.cursor, search: paging.search, platform, enabled }, { keep: true });
	const plus = useMayManage() ? <Plus to={pathTo(partition, 'integration', 'client-applications', 'new')} label="New client application" /> : null;
	return (
		<Page title="Client Application" about="Programs that ask for access tokens. Each has a Client ID, and a Client Secret where it can keep one." actions={plus}>
			<DataTable
				label="Client applications"
				testId="applications"
				of={list}
				paging={paging}
				searchLabel="Search by name or Client ID"
				rowKey={(application) => application.client_id}
				columns={columns(partition)}
				filters={
					<>
						<Filter paging={paging} name="platform" label="Platform" all="Any platform" choices={Object.entries(platformWords)} />
						<Filter
							paging={paging}
							name="enabled"
							label="State"
							all="Any state"
							choices={[
								['true', 'Enabled'],
								['false', 'Disabled'],
							]}
						/>
					</>
				}
				empty={{ title: 'No client applications yet', text: 'Before a program can ask for a token it is registered here: that makes its Client ID, and its Client Secret.', action: plus }}
			/>
		</Page>
	);
}
