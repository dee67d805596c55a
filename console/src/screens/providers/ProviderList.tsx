import { usePartition, useRead } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { RowLink } from '../../parts/DataTable';
import { ListPage } from '../../parts/ListPage';
import { usePaging } from '../../parts/paging';
import { about, matches } from './fields';

export function ProviderList() {
	const partition = usePartition();
	const paging = usePaging();
	const list = useRead('/partitions/{partition}/identity-providers', { partition }, { cursor: paging.cursor, search: paging.search }, { keep: true });
	return (
		<ListPage
			title="Identity providers"
			about={about}
			plus={{ to: pathTo(partition, 'integration', 'new-identity-provider'), label: 'New identity provider' }}
			testId="identity-providers"
			of={list}
			paging={paging}
			searchLabel="Registration ID begins with"
			rowKey={(provider) => provider.registration_id}
			columns={[
				{
					label: 'Registration ID',
					cell: (provider) => <RowLink to={pathTo(partition, 'integration', 'identity-providers', provider.registration_id)}>{provider.registration_id}</RowLink>,
				},
				{ label: 'Issuer', cell: (provider) => provider.issuer },
				{
					label: 'Names a person by',
					cell: (provider) => (
						<>
							<span className="mono">{provider.claim}</span>: {matches[provider.matches]}
						</>
					),
				},
			]}
			empty={{ title: 'No identity providers', text: 'With one, a client application can exchange a token that the provider signed for a token of this partition.' }}
		/>
	);
}
