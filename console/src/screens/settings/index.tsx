import { useNavigate } from 'react-router';

import { useApi, useMe, usePartition, useRead } from '../../api/hooks';
import { ALL_PARTITIONS } from '../../layout/sections';
import { Page } from '../../parts/Page';
import { Read } from '../../parts/states';
import { RemovePartition } from '../partitions/RemovePartition';
import { Settings } from './Settings';

export default function PartitionSettings() {
	const partition = usePartition();
	const api = useApi();
	const me = useMe();
	const navigate = useNavigate();
	const settings = useRead('/partitions/{partition}', { partition });
	const held = settings.data;
	return (
		<Page
			title="Partition settings"
			about={`What holds for all of ${partition}.`}
			actions={me.system && held !== undefined ? <RemovePartition partition={held.value} gone={() => navigate(ALL_PARTITIONS)} /> : undefined}
		>
			<Read of={settings}>{(read) => <Settings held={read} key={partition} readAgain={() => api.read('/partitions/{partition}', { partition })} />}</Read>
		</Page>
	);
}
