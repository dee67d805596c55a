import { useNavigate } from 'react-router';

import { usePartition } from '../../api/hooks';
import { pathTo } from '../../layout/sections';
import { Page } from '../../parts/Page';
import { about } from './ApiList';
import { Import } from './Import';

export function NewApi() {
	const partition = usePartition();
	const navigate = useNavigate();
	return (
		<Page title="Import API" about={about}>
			<Import present={null} cancel={() => void navigate(pathTo(partition, 'integration', 'apis'))} />
		</Page>
	);
}
